"""Value objects, and ids derived from values."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, dataclass_transform
from uuid import UUID, uuid5

from shared.fields import Code, LongText, ShortText

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value_object(cls: type[T]) -> type[T]:
    """Make the class an immutable value object, compared by content."""
    return dataclass(frozen=True)(cls)


@value_object
class PersonalData:
    """Personal data as stored, such as a name: encrypted with the key of one person (`shared.key_store`)."""

    subject: UUID
    cipher: str


@dataclass(frozen=True, slots=True)
class UniqueValue:
    """A unique value as it was written, such as a code, and its owner: the only one of all values that fold to it."""

    value: str
    owner: UUID


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
    """Return the id derived from these parts (UUID version 5): the same parts always give the same id."""
    return uuid5(DERIVED_ID_NAMESPACE, "/".join([kind, *map(str, parts)]))
