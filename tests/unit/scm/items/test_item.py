from decimal import Decimal
from typing import Any

import pytest

from services.scm.items.domain.item import Item, ItemEntry
from shared.domain import InvalidInput
from shared.fields import Changes
from shared.testing import given, new_events


def an_entry(**terms: Any) -> ItemEntry:
    return ItemEntry(**{"sku": "CHAI", "name": "Chai", "unit": "box", **terms})


def chai(**terms: Any) -> Item:
    return given(Item(entry=an_entry(**terms)))


def change(item: Item, **changes: Any) -> None:
    item.revise(Changes[ItemEntry](**changes).apply_to(item.entry))


def test_only_the_given_fields_change():
    item = chai(reorder_point=Decimal(10), reorder_to=Decimal(40))
    change(item, name="Chai tea")
    entry = an_entry(name="Chai tea", reorder_point=Decimal(10), reorder_to=Decimal(40))
    assert new_events(item) == [("Revised", {"entry": entry})]
    assert (item.entry.reorder_point, item.entry.reorder_to) == (10, 40)


def test_a_reorder_point_can_be_removed():
    item = chai(reorder_point=Decimal(10), reorder_to=Decimal(40))
    change(item, reorder_point=None, reorder_to=None)
    assert new_events(item) == [("Revised", {"entry": an_entry()})]


def test_reordering_up_to_less_than_the_reorder_point_is_refused():
    with pytest.raises(InvalidInput) as refused:
        an_entry(reorder_point=Decimal(10), reorder_to=Decimal(9)).require_valid()
    assert refused.value.field == "reorder_to"


@pytest.mark.parametrize("terms", [{}, {"reorder_point": Decimal(10)}, {"reorder_to": Decimal(9)}])
def test_an_item_needs_neither_reorder_point_nor_quantity(terms):
    an_entry(**terms).require_valid()


def test_an_item_is_discontinued_and_reinstated():
    item = chai(discontinued=True)
    change(item, discontinued=True)
    assert new_events(item) == []
    change(item, discontinued=False)
    assert new_events(item) == [("Revised", {"entry": an_entry()})]


def test_equal_values_record_no_event():
    item = chai(reorder_point=Decimal(10))
    change(item, name="Chai", reorder_point=Decimal("10.0"))
    assert new_events(item) == []


def test_an_item_is_deactivated_and_reactivated_once():
    item = chai()
    item.deactivate()
    item.deactivate()
    item.reactivate()
    item.reactivate()
    assert new_events(item) == [("Deactivated", {"entry": an_entry()}), ("Reactivated", {"entry": an_entry()})]


def test_only_an_active_item_that_is_not_discontinued_is_reordered():
    item = chai(reorder_point=Decimal(10), reorder_to=Decimal(40))
    assert item.reorder_quantity(Decimal(4)) == 36
    item.deactivate()
    assert item.reorder_quantity(Decimal(4)) == 0
    item.reactivate()
    change(item, discontinued=True)
    assert item.reorder_quantity(Decimal(4)) == 0
