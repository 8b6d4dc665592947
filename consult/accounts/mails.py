"""Mails about accounts that Flask-Security does not send. What they say is erased once they have left."""

from collections.abc import Sequence
from dataclasses import replace

from consult.accounts.models import LinkPurpose, Role, User
from consult.outbox import service as outbox


def send_link(purpose: LinkPurpose, email: str, *, person: User | None, key: str, language: str) -> None:
    """The link, or that the address has an account already, or none. Strangers can have this sent to any address, so
    nothing that they typed stands in it.

    Args:
        person: who has an account with this address.
    """
    template, path = {
        (LinkPurpose.SIGN_UP, False): ("welcome", f"/sign-up/{key}"),
        (LinkPurpose.SIGN_UP, True): ("welcome_existing", "/sign-in"),
        (LinkPurpose.SIGN_IN, True): ("sign_in_link", f"/sign-in/link/{key}"),
        (LinkPurpose.NEW_PASSWORD, True): ("new_password", f"/reset-password/{key}"),
    }.get((purpose, person is not None), ("no_account", "/sign-up"))
    if person is not None:
        _post(person, template, path=path)
    else:
        outbox.post(
            outbox.Post(template=f"accounts/{template}", to=email, about="", language=language, context={"path": path})
        )


def tell_password_changed(person: User) -> None:
    _post(person, "password_changed")


def ask_old_address(person: User, *, key: str, new: str) -> None:
    _post(person, "address_old", path=f"/account/address/{key}", address=new)


def ask_new_address(person: User, *, key: str, new: str) -> None:
    _post(person, "address_new", to=new, path=f"/account/address/{key}", address=new)


def tell_address_taken(person: User) -> None:
    """To an address that somebody wants to move their account to, and that has one."""
    _post(person, "address_taken")


def tell_address_changed(person: User, *, to: str) -> None:
    """`to`: the address it had, or has now."""
    _post(person, "address_changed", to=to, address=person.email)


def tell_second_factor(person: User, *, change: str) -> None:
    """`change`: “set”, “removed” or “reset” (by an administrator)."""
    _post(person, f"second_factor_{change}")


def tell_role_changed(people: Sequence[User], person: User, *, was: Role, by: User) -> None:
    """Who may do everything in every event, and who says so, is no secret among those who may."""
    outbox.post_all(
        [
            outbox.to_person(
                each, template="accounts/role_changed", about=f"user:{person.ref}",
                context={"who": person.name, "address": person.email, "was": was.value, "role": person.role.value,
                         "by": by.name},
            )
            for each in people
        ]
    )  # fmt: skip


def _post(person: User, template: str, *, to: str = "", **context: str) -> None:
    about = f"user:{person.ref}"
    message = outbox.to_person(person, template=f"accounts/{template}", about=about, context=context)
    outbox.post(replace(message, to=to) if to else message)
