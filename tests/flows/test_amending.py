"""Amendments on their way: CRM requests, ERP checks credit again, SCM decides, and all three agree in the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.scm.fulfilment.domain.fulfilment import AmendmentPending
from shared.domain import WrongStatus
from tests.flows.selling_firm import SellingFirm, promised
from tests.unit.scm.examples import register_item


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[SellingFirm]:
    firm = SellingFirm(tmp_path, limit="1000.00", CHAI=20, TOFU=5)
    yield firm
    assert firm.parked() == 0
    firm.close()


def refused_because(firm, order):
    """Why the last amendment of an order was refused."""
    return firm.shown(order)["amendment"]["refused_because"]


def test_a_draft_just_changes(firm):
    drafted = firm.draft(promised({"CHAI": (1, "5.00")}))
    firm.amend(drafted.id, freight="2.00", TOFU=(3, "4.00"))
    shown = firm.shown(drafted.id)
    assert (shown["status"], shown["total"]["amount"], shown["amendment"]) == ("draft", "14.00", None)
    assert [(each["line"], each["sku"]) for each in shown["lines"]] == [(1, "TOFU")]


def test_more_is_held_and_less_is_free(firm):
    order = firm.order(CHAI=(10, "10.00"), TOFU=(5, "10.00"))
    firm.services.deliver_all()
    firm.amend(order, CHAI=(12, "10.00"), TOFU=(2, "10.00"))
    assert firm.shown(order)["status"] == "amending"
    firm.services.deliver_all()
    assert firm.progress(order) == {"CHAI at 10.00": ["12", "12", "0", "0"], "TOFU at 10.00": ["2", "2", "0", "0"]}
    assert (firm.shown(order)["status"], firm.shown(order)["revision"]) == ("reserved", 2)
    assert (firm.stock("CHAI")["available"], firm.stock("TOFU")["available"]) == ("8", "3")
    assert firm.exposure == "140.00"
    firm.dispatch(order)
    firm.services.deliver_all()
    assert (firm.totals(order), firm.shown(order)["status"]) == (["140.00"], "invoiced")


def test_goods_that_left_are_invoiced_as_they_were_sold_then_and_freight_once(firm):
    order = firm.order(freight="9.00", CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.dispatch(order, CHAI=4)
    firm.services.deliver_all()
    firm.amend(order, CHAI=(4, "10.00"), CHAI_2=(5, "12.00"), TOFU=(1, "1.00"))
    firm.services.deliver_all()
    assert firm.progress(order) == {
        "CHAI at 10.00": ["4", "0", "4", "4"],
        "CHAI at 12.00": ["5", "5", "0", "0"],
        "TOFU at 1.00": ["1", "1", "0", "0"],
    }
    firm.dispatch(order)
    firm.services.deliver_all()
    assert firm.totals(order) == ["49.00", "61.00"]
    assert firm.shown(order)["total"]["amount"] == firm.exposure == "110.00"


def test_a_larger_order_beyond_the_credit_is_held_as_a_whole(firm):
    order = firm.order(CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.amend(order, CHAI=(20, "100.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure) == ("held", "100.00")
    with pytest.raises(AmendmentPending):
        firm.dispatch(order)
    firm.erp.receivables.release_order(firm.customer, order, "they always pay")
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure) == ("reserved", "2000.00")
    firm.dispatch(order)
    firm.services.deliver_all()
    assert firm.totals(order) == ["2000.00"]


def test_a_held_amendment_is_amended_to_what_fits(firm):
    order = firm.order(CHAI=(10, "10.00"))
    firm.services.deliver_all()
    for quantity in (1_000, 15):
        firm.amend(order, CHAI=(quantity, "10.00"))
        firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure, firm.shown(order)["revision"]) == ("reserved", "150.00", 3)


def test_a_held_order_is_amended_to_what_fits(firm):
    order = firm.order(CHAI=(200, "10.00"))
    firm.services.deliver_all()
    assert firm.shown(order)["status"] == "held"
    firm.amend(order, CHAI=(15, "10.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure) == ("reserved", "150.00")


def test_less_than_has_left_is_refused_and_the_order_goes_on(firm):
    order = firm.order(CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.dispatch(order, CHAI=4)
    firm.amend(order, CHAI=(3, "10.00"), TOFU=(50, "10.00"))
    firm.services.deliver_all()
    shown = firm.shown(order)
    assert (shown["status"], refused_because(firm, order), shown["revision"]) == (
        "partly_shipped",
        "line 1: 4 were shipped",
        1,
    )
    assert firm.exposure == "100.00"
    firm.dispatch(order)
    firm.services.deliver_all()
    assert firm.totals(order) == ["40.00", "60.00"]


def test_freight_is_fixed_with_the_first_departure(firm):
    order = firm.order(freight="5.00", CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.dispatch(order, CHAI=4)
    firm.amend(order, freight="50.00")
    firm.services.deliver_all()
    assert (refused_because(firm, order), firm.exposure) == (
        "goods were shipped already",
        "105.00",
    )


def test_an_order_may_be_cut_down_to_what_has_left(firm):
    order = firm.order(CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.dispatch(order, CHAI=4)
    firm.services.deliver_all()
    firm.amend(order, CHAI=(4, "10.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure) == ("invoiced", "40.00")
    assert firm.stock("CHAI") == {"on_hand": "16", "reserved": "0", "available": "16", "backordered": "0"}
    with pytest.raises(WrongStatus):
        firm.amend(order, CHAI=(5, "10.00"))


def test_what_is_given_up_goes_to_who_waits(firm):
    first = firm.order(CHAI=(20, "1.00"))
    second = firm.order(CHAI=(5, "1.00"))
    firm.services.deliver_all()
    firm.amend(first, CHAI=(18, "1.00"))
    firm.services.deliver_all()
    assert [firm.progress(each)["CHAI at 1.00"][1] for each in (first, second)] == ["18", "2"]
    assert firm.stock("CHAI")["backordered"] == "3"


def test_another_price_does_not_lose_the_goods_to_who_waits(firm):
    first = firm.order(CHAI=(20, "1.00"))
    firm.order(CHAI=(5, "1.00"))
    firm.services.deliver_all()
    firm.amend(first, CHAI=(20, "0.90"))
    firm.services.deliver_all()
    assert firm.progress(first) == {"CHAI at 0.90": ["20", "20", "0", "0"]}


def test_what_is_not_there_is_waited_for_and_comes(firm):
    order = firm.order(TOFU=(5, "1.00"))
    firm.services.deliver_all()
    firm.amend(order, TOFU=(8, "1.00"), CHAI=(1, "1.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.progress(order)["TOFU at 1.00"][1]) == ("backordered", "5")
    firm.receive(TOFU=3)
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.stock("TOFU")["available"]) == ("reserved", "0")


def test_goods_may_come_after_all_that_was_held_was_given_up(firm):
    order = firm.order(CHAI=(1, "1.00"))
    firm.services.deliver_all()
    mate = register_item(firm.scm, "MATE")
    firm.services.deliver_all()
    firm.scm.items.items.deactivate(mate.id)
    firm.amend(order, MATE=(1, "1.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], refused_because(firm, order)) == (
        "reserved",
        "item MATE is deactivated",
    )
    firm.scm.items.items.reactivate(mate.id)
    firm.services.deliver_all()
    firm.amend(order, MATE=(2, "1.00"))
    firm.services.deliver_all()
    assert firm.shown(order)["status"] == "backordered"
    firm.receive(MATE=2)
    firm.dispatch(order)
    firm.services.deliver_all()
    assert firm.totals(order) == ["2.00"]


def test_who_may_not_wait_gets_no_more_than_there_is(firm):
    order = firm.order(backorder="refuse", TOFU=(4, "1.00"))
    firm.services.deliver_all()
    firm.amend(order, TOFU=(6, "1.00"))
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], refused_because(firm, order)) == (
        "reserved",
        "not enough TOFU",
    )
    firm.amend(order, TOFU=(5, "1.00"))
    firm.services.deliver_all()
    assert firm.progress(order) == {"TOFU at 1.00": ["5", "5", "0", "0"]}


def test_an_order_that_is_being_amended_may_be_stopped(firm):
    order = firm.order(CHAI=(10, "10.00"))
    firm.services.deliver_all()
    firm.amend(order, CHAI=(20, "100.00"))
    firm.crm.sales_orders.cancel(order, "changed their mind")
    firm.services.deliver_all()
    assert (firm.shown(order)["status"], firm.exposure) == ("cancelled", "0.00")
    assert firm.stock("CHAI")["available"] == "20"
