"""What the services say to each other: published events, fields and meaning only.

A class is a word of the common language. Inside one version fields are only added, with a
default; anything else is a new class with `version` raised. No personal data in clear, ever.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform
from uuid import UUID

T = TypeVar("T")


class Contract:
    """A published event. Its wire type is `<service>.<noun>.<event>.v<version>`."""

    NOUN: ClassVar[str]
    EVENT: ClassVar[str]
    VERSION: ClassVar[int]

    @classmethod
    def source(cls) -> str:
        return cls.__module__.rsplit(".", 1)[1]

    @classmethod
    @cache
    def wire_type(cls) -> str:
        return f"{cls.source()}.{cls.NOUN}.{cls.EVENT}.v{cls.VERSION}"

    def subject_id(self) -> UUID:
        """The aggregate it is about: the first field, by convention."""
        about = getattr(self, fields(self)[0].name)  # type: ignore[arg-type]
        assert isinstance(about, UUID)
        return about


CONTRACTS: dict[str, type[Contract]] = {}


@dataclass_transform(frozen_default=True)
def published(noun: str, version: int = 1) -> Any:
    """Register a contract: `@published("sales_order")` on `class SalesOrderPlaced(Contract)`."""

    def register(cls: type[Any]) -> type[Any]:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.NOUN = noun
        cls.EVENT = snake.removeprefix(f"{noun}_")
        cls.VERSION = version
        made: type[Any] = dataclass(frozen=True)(cls)
        if made.wire_type() in CONTRACTS:
            raise TypeError(f"{made.wire_type()} exists twice")
        CONTRACTS[made.wire_type()] = made
        return made

    return register


@dataclass_transform(frozen_default=True)
def part(cls: type[T]) -> type[T]:
    """A value inside a published event."""
    return dataclass(frozen=True)(cls)


def told(kind: type[T], *tellers: object, **words: Any) -> T:
    """A contract, or a part of one: the fields given in `words`, the others as a teller has them under the same name.

    The first teller that has the name speaks. AttributeError where none has it: nothing is left out by mistake.
    """
    left = (name for name in _names(cast("Any", kind)) if name not in words)
    return kind(**words, **{name: _said(name, tellers) for name in left})


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _said(name: str, tellers: Sequence[object]) -> Any:
    for each in tellers:
        if hasattr(each, name):
            return getattr(each, name)
    raise AttributeError(f"nobody tells {name}")
