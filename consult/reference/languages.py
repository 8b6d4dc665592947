"""What people speak at meetings."""

from flask_babel import lazy_gettext as _l

from consult.words import Word


class SpokenLanguage(Word):
    """The six official languages of the United Nations (General Assembly resolution 2480 B), and signs."""

    ARABIC = "ar", _l("Arabic")
    CHINESE = "zh", _l("Chinese")
    ENGLISH = "en", _l("English")
    FRENCH = "fr", _l("French")
    RUSSIAN = "ru", _l("Russian")
    SPANISH = "es", _l("Spanish")
    SIGN = "sign", _l("International Sign")
