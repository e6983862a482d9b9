"""Refusals: the errors that a command can raise."""


class DomainError(Exception):
    """Raised when a command breaks a business rule. Subclasses are named after the broken rule.

    `field` names the input that is wrong, if there is one; `code` is stable and meant for programs.
    """

    field: str | None = None

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field or self.field

    @property
    def code(self) -> str:
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class NotFound(Exception):
    """Raised when no record has this id or number."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key} not found")
        self.kind, self.key = kind, key


class WrongStatus(DomainError):
    """Raised when the status of the aggregate does not allow the command."""


class InvalidInput(DomainError):
    """Raised when an input value is invalid. Always names its `field`."""


class AlreadyTaken(DomainError):
    """Raised when another aggregate already has this code or number."""


class FourEyesRequired(DomainError):
    """Raised when users approve their own request: another user must do it (four eyes)."""


class AccessDenied(DomainError):
    """Raised when callers limited to their own records refer to another record, whether it exists or not."""


class NotYetAvailable(DomainError):
    """Raised when the event of another service that the command needs is not received yet; a retry will succeed."""
