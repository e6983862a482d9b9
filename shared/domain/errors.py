"""Refusals: the errors that a command can raise."""

import re
from typing import Self

from shared.fields.words import SHARED_WORDS, words_of


def class_words(name: str) -> str:
    """Return the name of a class as words: `purchase order` for `PurchaseOrder`."""
    return re.sub(r"\B([A-Z])", r" \1", name).lower()


_LABELS = ("number", "code", "key")
"""Attributes by which people know a record."""


def record_words(record: object) -> str:
    """Return a record as people name it: `sales order SO-12`; `the shipment` if it has neither number nor code.

    A record that people know by another one, such as a shipment by its order, has `known_as`.
    """
    known_as = getattr(record, "known_as", None)
    if isinstance(known_as, str):
        return known_as
    words = class_words(type(record).__name__)
    labels = (getattr(record, name, None) for name in _LABELS)
    own_id = str(getattr(record, "id", ""))
    label = next((each for each in labels if isinstance(each, str) and each not in ("", own_id)), None)
    return f"{words} {label}" if label else f"the {words}"


def _title_words(name: str) -> str:
    """Return the title of a field as it stands inside a sentence: `SKU`, `code`."""
    titles = words_of(SHARED_WORDS).field(name)
    title = titles[0] if titles else name.replace("_", " ")
    return title if title.isupper() else title.lower()


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
        kind, _, field = name.rpartition(".")
        words = f"{kind.replace('.', ' ').replace('_', ' ')} {_title_words(field)}".strip()
        remedy = "choose another" if registered in (None, value) else f"it is registered as '{registered}'"
        return cls(f"{words} {value} is already in use: {remedy}", field=field)


class FourEyesRequired(DomainError):
    """Raised when users approve their own request: another user must do it (four eyes)."""


class AccessDenied(DomainError):
    """Raised when a caller limited to its own records refers to another one, whether that exists or not."""


class NotYetAvailable(DomainError):
    """Raised when what a command needs is not available yet: an event of another service has not arrived. Try again."""
