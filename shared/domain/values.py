"""Value objects, and ids derived from values."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID, uuid5

from shared.fields import Code, Country, Id, LongText, PersonalData, ShortText

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value_object(cls: type[T]) -> type[T]:
    """Make the class an immutable value object, compared by content."""
    return dataclass(frozen=True)(cls)


@dataclass(frozen=True, slots=True)
class UniqueValue:
    """A unique value as it was written, such as a code, and its owner: the only one of all values that fold to it."""

    value: str
    owner: UUID


class AddressKind(StrEnum):
    """What an address of a business partner is for: billing or shipping."""

    BILLING = "billing"
    SHIPPING = "shipping"


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address of a business partner, encrypted with its key except for its purpose and its country."""

    kind: AddressKind
    street: PersonalData
    city: PersonalData
    region: PersonalData | None = None
    postal_code: PersonalData | None = None
    country: Country


@value_object
class Contact:
    """A person at a business partner; each field is encrypted with that person's own key."""

    id: Id
    name: PersonalData
    title: PersonalData | None = None
    email: PersonalData | None = None
    phone: PersonalData | None = None


@value_object
class LineQuantity:
    """A quantity of one line of an order."""

    line: int
    quantity: Decimal


def line_quantities(lines: Iterable[Any]) -> tuple[LineQuantity, ...]:
    """Return the quantities of the lines of a published event."""
    return tuple(LineQuantity(each.line, each.quantity) for each in lines)


@dataclass(frozen=True, kw_only=True)
class UsualReason:
    """A reason that people choose from a list; `used_for` is the command it is offered for, by default every one."""

    code: Code
    text: LongText
    used_for: ShortText | None = None


@value_object
class ServiceSettings:
    """Base class of the settings of a module; the firm's currency and time zone are those of `Firm`."""


DERIVED_ID_NAMESPACE = UUID("6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000")


@lru_cache(maxsize=8192, typed=True)
def derived_id(kind: str, *parts: Hashable) -> UUID:
    """Return the id derived from these parts (UUID version 5): the same parts always give the same id.

    Separators inside a part, such as a code, are escaped: `A/B` and `C` are other parts than `A` and `B/C`.
    """
    return uuid5(DERIVED_ID_NAMESPACE, "/".join([kind, *(_escaped(str(each)) for each in parts)]))


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")
