"""Addresses: of this site, for what is read outside it; and of people, as a mail server wants them."""

import unicodedata

import idna
from flask import current_app


def address(path: str) -> str:
    """`path` begins with a slash; BASE_URL says where the site is."""
    return f"{current_app.config['BASE_URL']}{path}"


def site_name() -> str:
    """What the institution calls this site."""
    return str(current_app.config["SITE_NAME"])


def canonical(text: str) -> str:
    """An e-mail address in the one form in which it is kept and compared: lower case, composed letters, the domain in
    ASCII. Two ways to write one mailbox must not be two people, nor pass by an objection.

    What no mail server could take comes back in lower case: whoever asks for it has yet to refuse it.
    """
    text = unicodedata.normalize("NFC", text.strip()).lower()
    try:
        return mail_address(text)
    except ValueError:
        return text


def mail_address(text: str) -> str:
    """An e-mail address as it goes to a mail server: the domain in ASCII (IDNA), the part before the @ as it is.

    Raises:
        ValueError: no mail server could take it.
    """
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise ValueError("this is not an e-mail address")
    if domain.isascii():
        return text
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise ValueError("the domain of this address cannot exist") from error
