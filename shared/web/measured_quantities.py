"""Quantities in requests: no more decimals than the unit of what they measure has."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from shared.fields import DeclaredField, Lookup, declared_fields
from shared.web.replies import current_service

QUANTITY = "quantity"


class MeasuredQuantity(NamedTuple):
    """A quantity, its field in the request, and a record that the same object names: perhaps what it measures."""

    field: str
    lookup: Lookup
    key: str
    quantity: Decimal


def require_divisible_quantities(body: Any) -> None:
    """Require that each quantity fits the unit of what it measures. Raises NotDivisible, naming the field."""
    service = current_service()
    for field, lookup, key, quantity in measured_quantities(body):
        if unit := service.unit_of(service.runner.uow, lookup, key):
            unit.require_divisible(quantity, key, field=field)


def measured_quantities(value: Any, place: str = "") -> Iterator[MeasuredQuantity]:
    """Yield the quantities in an object whose class declares records that it names, and those inside it."""
    fields = _fields(value.__class__)
    named = [(each.lookup, getattr(value, each.name)) for each in fields if each.lookup is not None]
    for each in fields:
        found, field = getattr(value, each.name), f"{place}{each.name}"
        if each.kind is None:
            yield from _inside(found, field)
        elif each.kind.name == QUANTITY and isinstance(found, Decimal):
            yield from (MeasuredQuantity(field, lookup, str(key), found) for lookup, key in named if key)


def _inside(found: Any, field: str) -> Iterator[MeasuredQuantity]:
    """Yield the quantities in the objects of a field."""
    if isinstance(found, tuple):
        for number, each in enumerate(found):
            yield from measured_quantities(each, f"{field}/{number}/")
    else:
        yield from measured_quantities(found, f"{field}/")


@cache
def _fields(declaration: type) -> tuple[DeclaredField, ...]:
    """Return the fields that name a record, are a quantity or have fields themselves; none of an undeclared class."""
    try:
        declared = declared_fields(declaration)
    except TypeError:
        return ()
    return tuple(each for each in declared if each.lookup or each.kind is None or each.kind.name == QUANTITY)
