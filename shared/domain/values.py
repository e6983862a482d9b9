"""Values of the business, and ids that follow from them."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, dataclass_transform
from uuid import UUID, uuid5

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A value of the business: compared by content, never changed."""
    return dataclass(frozen=True)(cls)


@value
class Personal:
    """A personal field as it is stored: cipher text under the key of one person (`shared.vault`)."""

    subject: UUID
    cipher: str


DERIVED = UUID("6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000")


@lru_cache(maxsize=8192, typed=True)
def derived_id(kind: str, *parts: Hashable) -> UUID:
    """The id of something that follows from another: the same parts always give the same id."""
    return uuid5(DERIVED, "/".join([kind, *map(str, parts)]))
