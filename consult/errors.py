"""What a verb raises when a rule says no. The message is for the person who asked."""

from flask_babel import gettext as _


class DomainError(Exception):
    """A rule refused. `field` names the form field it is about, if it is about one."""

    status = 409

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(DomainError):
    status = 404


class NotAllowed(DomainError):
    status = 403


class WindowClosed(DomainError):
    """The time for this is over, or has not come."""


class TransitionNotAllowed(DomainError):
    """This cannot be done to a thing in its present state."""


class AlreadySo(TransitionNotAllowed):
    """What was asked for is so already, as after a double click: there is nothing to do, and nothing is wrong."""


class ChangedMeanwhile(DomainError):
    """Somebody else has saved the same thing; sent again, it replaces theirs."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has saved this since you opened it. Look at it in another window; "
                "what you typed is still here, and sending it again replaces theirs."
            )
        )


class InvalidEntry(DomainError):
    """What was entered cannot be right, though each field alone is well formed."""

    status = 422
