"""Reads the declared fields of a dataclass: the kind of each, whether it is required, nullable or a list."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import UnsetType

from shared.fields.kinds import KIND_BY_TYPE, PERSONAL, Kind, Limits, Lookup, PersonalData


@dataclass(frozen=True)
class DeclaredField:
    """One field of a declaration. `value_type` is the type of one value: of an item, if the field is a list."""

    name: str
    value_type: Any
    kind: Kind | None
    """None for an object with fields of its own, whose class is `value_type`."""
    is_required: bool
    is_nullable: bool
    default: Any = MISSING
    lookup: Lookup | None = None
    is_personal: bool = False
    list_limits: Mapping[str, Any] | None = field(default=None, hash=False)
    """Least and largest number of items; None unless it is a list."""


@cache
def declared_fields(declaration: type) -> tuple[DeclaredField, ...]:
    """Return the fields of a frozen dataclass. Raises TypeError for another class, and for a field of no kind."""
    parameters = getattr(declaration, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise TypeError(f"{declaration.__qualname__} is no frozen dataclass: @dataclass(frozen=True, kw_only=True)")
    hints = get_type_hints(declaration, include_extras=True)
    return tuple(_declared(declaration, each, hints[each.name]) for each in fields(declaration))


def _declared(declaration: type, declared: Any, hint: Any) -> DeclaredField:
    hint, is_nullable = _without_absent(hint)
    annotation, marks = _unwrap(hint)
    item_limits = None
    if get_origin(annotation) is tuple:
        item_limits, (annotation, marks) = _limits_of(marks), _unwrap(get_args(annotation)[0])
    kind = _kind_of(annotation, marks)
    if kind is None and not is_dataclass(annotation):
        raise TypeError(f"{declaration.__qualname__}.{declared.name}: {hint} is of no kind of shared.fields")
    lookup = next((each for each in marks if isinstance(each, Lookup)), None)
    default = declared.default if declared.default_factory is MISSING else declared.default_factory()
    is_personal = PERSONAL in marks or annotation is PersonalData
    return DeclaredField(
        declared.name, annotation, kind, default is MISSING, is_nullable, default, lookup, is_personal, item_limits
    )  # fmt: skip


def _without_absent(hint: Any) -> tuple[Any, bool]:
    """Return the annotation without `None` and `UnsetType`, and whether null is allowed."""
    if get_origin(hint) not in (Union, UnionType):
        return hint, False
    members = get_args(hint)
    present = [each for each in members if each not in (NoneType, UnsetType)]
    if len(present) != 1:
        raise TypeError(f"{hint} is of several kinds")
    return present[0], NoneType in members


def _unwrap(hint: Any) -> tuple[Any, Sequence[Any]]:
    """Return the type and the marks of an annotation."""
    return (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())


def _limits_of(marks: Sequence[Any]) -> Mapping[str, Any]:
    return {name: value for each in marks if isinstance(each, Limits) for name, value in each.values.items()}


def _kind_of(annotation: Any, marks: Sequence[Any]) -> Kind | None:
    kind = next((each for each in marks if isinstance(each, Kind)), KIND_BY_TYPE.get(annotation))
    if kind is None and isinstance(annotation, type) and issubclass(annotation, StrEnum):
        kind = Kind("choice", {"choices": tuple(annotation)})
    return kind and Kind(kind.name, {**kind.limits, **_limits_of(marks)})
