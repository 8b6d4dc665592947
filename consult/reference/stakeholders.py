"""Who takes part: stakeholder categories, the recognitions they hold, the themes they speak to."""

from flask_babel import lazy_gettext as _l

from consult.words import Word


class StakeholderCategory(Word):
    """Paragraph 44 of the Global Compact for Migration, and the parties that attend such meetings."""

    MIGRANTS = "migrants", _l("Migrants")
    CIVIL_SOCIETY = "civil-society", _l("Civil society organisation")
    MIGRANT_DIASPORA = "migrant-diaspora", _l("Migrant or diaspora organisation")
    FAITH_BASED = "faith-based", _l("Faith-based organisation")
    LOCAL_AUTHORITY = "local-authority", _l("Local authority or community")
    PRIVATE_SECTOR = "private-sector", _l("Private sector or employers")
    TRADE_UNION = "trade-union", _l("Trade union")
    PARLIAMENT = "parliament", _l("Parliamentarians")
    NHRI = "nhri", _l("National human rights institution")
    RED_CROSS = "red-cross-red-crescent", _l("Red Cross and Red Crescent movement")
    ACADEMIA = "academia", _l("Academia")
    MEDIA = "media", _l("Media")
    OTHER = "other", _l("Other stakeholder")
    MEMBER_STATE = "member-state", _l("Member State")
    UN_ENTITY = "un-entity", _l("United Nations entity")
    INTERGOVERNMENTAL = "intergovernmental", _l("Intergovernmental organisation")


# who they are is for the secretariat to confirm: whoever says so may come where such a category may
OFFICIAL = {StakeholderCategory.MEMBER_STATE, StakeholderCategory.UN_ENTITY, StakeholderCategory.INTERGOVERNMENTAL}


class Scope(Word):
    """How far an organisation's work reaches."""

    LOCAL = "local", _l("Local")
    NATIONAL = "national", _l("National")
    REGIONAL = "regional", _l("Regional")
    GLOBAL = "global", _l("Global")


class Recognition(Word):
    """ECOSOC resolution 1996/31; modalities of the 2022 review forum."""

    ECOSOC_GENERAL = "ecosoc-general", _l("ECOSOC general consultative status")
    ECOSOC_SPECIAL = "ecosoc-special", _l("ECOSOC special consultative status")
    ECOSOC_ROSTER = "ecosoc-roster", _l("ECOSOC roster")
    PREVIOUS_PROCESS = "previous-process", _l("Accredited to an earlier related process or conference")


class ApplicationSection(Word):
    """What ECOSOC resolution 1996/31, paragraph 44, asks an applicant for."""

    PURPOSE = "purpose", _l("Purpose of the organisation")
    PROGRAMMES = (
        "programmes",
        _l("Programmes and activities relevant to the meeting, and where they are carried out"),
    )
    LEVEL = "level", _l("Activities at national, regional or international level")
    FUNDING = (
        "funding",
        _l("Annual reports and financial statements, sources of funding, contributions of governments included"),
    )
    GOVERNANCE = "governance", _l("Members of the governing body and their nationality")
    MEMBERSHIP = "membership", _l("Membership: number, names of member organisations, geographical spread")
    CONSTITUTION = "constitution", _l("Constitution or by-laws")
    AGENDA = "agenda", _l("Parts of the agenda on which the organisation is competent")


class Gender(Word):
    """Asked so that the summary can say who was heard; nobody has to answer."""

    WOMAN = "woman", _l("Woman")
    MAN = "man", _l("Man")
    OTHER = "other", _l("Other")
    NOT_STATED = "not-stated", _l("Prefer not to say")
