"""Who may do what with accounts."""

from consult.accounts.models import Device, User


def is_signed_in(_user: User) -> bool:
    return True


def is_secretariat(user: User) -> bool:
    return user.is_secretariat


def is_administrator(user: User) -> bool:
    return user.is_administrator


def can_change_role(user: User, person: User) -> bool:
    """Administrators, but nobody their own: the last administrator cannot lock everybody out."""
    return user.is_administrator and user.id != person.id


def is_own_device(user: User, device: Device) -> bool:
    return device.user_id == user.id
