"""Quantities of items in requests: no more decimals than the unit of the item has."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from shared.fields import DeclaredField, Lookup, declared_fields
from shared.web.replies import current_service

ITEM = Lookup("scm.items", "sku")
QUANTITY = "quantity"


class ItemQuantity(NamedTuple):
    """A quantity of an item, and its field in the request."""

    field: str
    item: str
    quantity: Decimal


def require_divisible_quantities(body: Any) -> None:
    """Require that each quantity of an item fits the unit of the item. Raises NotDivisible, naming the field."""
    service = current_service()
    for field, item, quantity in item_quantities(body):
        if unit := service.unit_of_item(service.runner.uow, item):
            unit.require_divisible(quantity, item, field=field)


def item_quantities(value: Any, place: str = "") -> Iterator[ItemQuantity]:
    """Yield the quantities in an object whose class declares the item that they are of, and those inside it."""
    fields = _fields(value.__class__)
    named = [getattr(value, each.name) for each in fields if each.lookup == ITEM]
    for each in fields:
        found, field = getattr(value, each.name), f"{place}{each.name}"
        if each.kind is None:
            yield from _inside(found, field)
        elif each.kind.name == QUANTITY and named and isinstance(found, Decimal):
            yield ItemQuantity(field, named[0], found)


def _inside(found: Any, field: str) -> Iterator[ItemQuantity]:
    """Yield the quantities in the objects of a field."""
    if isinstance(found, tuple):
        for number, each in enumerate(found):
            yield from item_quantities(each, f"{field}/{number}/")
    else:
        yield from item_quantities(found, f"{field}/")


@cache
def _fields(declaration: type) -> tuple[DeclaredField, ...]:
    """Return the fields that name an item, are a quantity or have fields themselves; none of an undeclared class."""
    try:
        declared = declared_fields(declaration)
    except TypeError:
        return ()
    return tuple(each for each in declared if each.lookup == ITEM or each.kind is None or each.kind.name == QUANTITY)
