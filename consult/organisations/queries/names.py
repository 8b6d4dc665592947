"""How names and addresses are compared."""

import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

# written after a name or left out, in the languages of the Network
_FORMS = """
ag aisbl aps asbl bv co company corp corporation ets ev gmbh inc incorporated ivzw limited llc llp ltd ngo nv odv
ong onlus oy plc pty sa sarl spa srl the vzw
"""
# mailboxes of everybody: sharing one says nothing
_MAIL = """
163.com aol.com free.fr gmail.com gmx.de gmx.net googlemail.com hotmail.com hotmail.fr icloud.com laposte.net
live.com mail.com mail.ru me.com msn.com orange.fr outlook.com pm.me proton.me protonmail.com qq.com riseup.net
rocketmail.com tuta.com tutanota.com web.de wanadoo.fr yahoo.co.uk yahoo.com yahoo.es yahoo.fr yandex.ru ymail.com
"""
LEGAL_FORMS, PUBLIC_MAIL = set(_FORMS.split()), set(_MAIL.split())


def name_key(name: str) -> str:
    """A name as it is compared: without accents, capitals, punctuation and doubled spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())[:300]


def match_key(key: str) -> str:
    """A name's key as it is compared for likeness: without legal forms, the words in alphabetical order."""
    parts = key.replace("e v", "ev").split() if key.endswith(" e v") else key.split()
    return " ".join(sorted(set(parts) - LEGAL_FORMS) or sorted(parts))


def words(names: Iterable[str]) -> set[str]:
    """The words of some names, as a search finds them."""
    return {word[:40] for name in names for word in name_key(name).split()}


def web_domain(website: str) -> str:
    """The domain of a website, without “www.”; empty if there is none."""
    host = (urlsplit(website).hostname or "").lower() if website else ""
    return host.removeprefix("www.")[:253]
