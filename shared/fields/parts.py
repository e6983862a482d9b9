"""Parts of declared objects: requests inherit fields from declarations of the domain, which gets those fields alone."""

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def part_of(declaration: type[T], value: T) -> T:
    """Return the fields that an object inherits from a declaration, as an object of exactly that declaration."""
    return declaration(**{name: getattr(value, name) for name in _field_names(cast("Any", declaration))})


@cache
def _field_names(declaration: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(declaration))
