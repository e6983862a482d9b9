"""Refusals: the errors that a command can raise."""

import re
from typing import Self


def class_words(name: str) -> str:
    """Return the name of a class as words: `purchase order` for `PurchaseOrder`."""
    return re.sub(r"\B([A-Z])", r" \1", name).lower()


class DomainError(Exception):
    """Base class of errors raised when a command breaks a business rule; each is named after the broken rule.

    `field` names the input that is wrong, if there is one; `code` is stable and meant for
    programs: the class name without a final `Error`.
    """

    field: str | None = None

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field or self.field

    @property
    def code(self) -> str:
        return class_words(type(self).__name__.removesuffix("Error")).replace(" ", "_")


class NotFound(Exception):
    """Raised when no record has this id or number."""

    def __init__(self, kind: str | type, key: object) -> None:
        super().__init__(f"{kind if isinstance(kind, str) else class_words(kind.__name__)} {key} not found")


class WrongStatus(DomainError):
    """Raised when the status of the aggregate does not allow the command."""


class InvalidInput(DomainError):
    """Raised when an input value is invalid. Always names its `field`."""


class AlreadyTaken(DomainError):
    """Raised when another aggregate already has this code or number."""

    @classmethod
    def of(cls, name: str, value: str, registered: str | None = None) -> Self:
        """Return the error for a value of a namespace such as `item.sku`, registered perhaps in another spelling."""
        words = re.sub("[._]", " ", name)
        remedy = "choose another" if registered in (None, value) else f"it is registered as '{registered}'"
        return cls(f"{words} {value} is already taken: {remedy}", field=name.rpartition(".")[2])


class FourEyesRequired(DomainError):
    """Raised when users approve their own request: another user must do it (four eyes)."""


class AccessDenied(DomainError):
    """Raised when a caller limited to its own records refers to another one, whether that exists or not."""


class NotYetAvailable(DomainError):
    """Raised when what a command needs is not available yet: an event of another service has not arrived. Try again."""
