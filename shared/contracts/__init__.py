"""Contracts between the services: the published events, their fields and their meaning.

Within a version, fields are only added, with a default; any other change is a new class with a higher `version`.
Contracts never carry personal data in clear text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform
from uuid import UUID

T = TypeVar("T")


class PublishedEvent:
    """Base class of published events. The wire type is `<service>.<noun>.<event>.v<version>`."""

    NOUN: ClassVar[str]
    EVENT: ClassVar[str]
    VERSION: ClassVar[int]

    @classmethod
    def source(cls) -> str:
        return cls.__module__.split(".")[2]

    @classmethod
    @cache
    def wire_type(cls) -> str:
        return f"{cls.source()}.{cls.NOUN}.{cls.EVENT}.v{cls.VERSION}"

    def subject_id(self) -> UUID:
        """Return the id of the aggregate the event is about: the first field, by convention."""
        aggregate_id = getattr(self, fields(self)[0].name)  # type: ignore[arg-type]  # subclasses are dataclasses
        assert isinstance(aggregate_id, UUID)
        return aggregate_id


CONTRACTS: dict[str, type[PublishedEvent]] = {}


@dataclass_transform(frozen_default=True)
def register_published_event(noun: str, version: int = 1) -> Any:
    """Register a subclass of `PublishedEvent`: `@register_published_event("sales_order")`."""

    def register(cls: type[Any]) -> type[Any]:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.NOUN = noun
        cls.EVENT = snake.removeprefix(f"{noun}_")
        cls.VERSION = version
        contract: type[Any] = dataclass(frozen=True)(cls)
        if contract.wire_type() in CONTRACTS:
            raise TypeError(f"{contract.wire_type()} is already registered; raise its version")
        CONTRACTS[contract.wire_type()] = contract
        return contract

    return register


@dataclass_transform(frozen_default=True)
def make_contract_part(cls: type[T]) -> type[T]:
    """Make the class a part of published events, such as a line."""
    return dataclass(frozen=True)(cls)


def fill_contract(kind: type[T], *sources: object, **values: Any) -> T:
    """Return a contract or a part of one: fields given in `values`, the others from the sources, by the same name.

    The first source with an attribute of this name is used. Raises AttributeError if no source has it.
    """
    remaining = (name for name in _field_names(cast("Any", kind)) if name not in values)
    return kind(**values, **{name: _first_value(name, sources) for name in remaining})


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _first_value(name: str, sources: Sequence[object]) -> Any:
    for source in sources:
        if hasattr(source, name):
            return getattr(source, name)
    raise AttributeError(f"no source has a value for field '{name}'")
