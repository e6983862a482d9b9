from decimal import Decimal

import pytest

from services.scm.items.domain.item import Item
from shared.domain import InvalidInput
from shared.testing import given, new_events


def chai(**terms):
    return given(Item("CHAI", "Chai", "box"), lambda item: item.change(**terms))


def test_only_the_given_fields_change():
    item = chai(reorder_point=Decimal(10), reorder_to=Decimal(40))
    item.change(name="Chai tea")
    assert new_events(item) == [("Renamed", {"name": "Chai tea"})]
    assert (item.reorder_point, item.reorder_to) == (10, 40)


def test_a_reorder_point_can_be_removed():
    item = chai(reorder_point=Decimal(10), reorder_to=Decimal(40))
    item.change(reorder_point=None, reorder_to=None)
    assert new_events(item) == [("ReorderPointChanged", {"reorder_point": None, "reorder_to": None})]


def test_reordering_up_to_less_than_the_reorder_point_is_refused():
    item = chai(reorder_point=Decimal(10))
    with pytest.raises(InvalidInput) as refused:
        item.change(reorder_to=Decimal(9))
    assert refused.value.field == "reorder_to"
    assert new_events(item) == []


def test_an_item_is_discontinued_and_reinstated():
    item = chai(discontinued=True)
    item.change(discontinued=True)
    assert new_events(item) == []
    item.change(discontinued=False)
    assert new_events(item) == [("Reinstated", {})]


def test_equal_values_record_no_event():
    item = chai(reorder_point=Decimal(10))
    item.change(name="Chai", reorder_point=Decimal("10.0"))
    assert new_events(item) == []
