"""Reactions of purchase orders to events of SCM and ERP: real store, every message several times."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.srm.purchase_orders.domain.purchase_line import RevisedLine
from shared.money import Money
from shared.testing.services import deliver
from tests.unit.srm.caller import open_srm
from tests.unit.srm.purchase_orders.examples import (
    a_sent_order,
    goods_received,
    order_rows,
    revise_order,
    supplier_invoice_posted,
)
from tests.unit.srm.suppliers.examples import register_supplier


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


def test_goods_of_an_older_revision_are_counted(service):
    order = a_sent_order(service, register_supplier(service))
    revise_order(service, order, RevisedLine("BOLT-M8", Decimal(50), Money("0.18", "USD")))
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 100), (2, "NUT-M8", 40)))
    (row,) = order_rows(service)
    assert [(each["ordered"], each["received"], each["open"]) for each in row["lines"]] == [
        ("50", "100", "0"), ("0", "40", "0"),
    ]  # fmt: skip
    assert (row["status"], row["revision"]) == ("received", 1)


def test_received_goods_are_counted_line_by_line_and_once(service):
    order = a_sent_order(service, register_supplier(service))
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), deliveries=3)
    (row,) = order_rows(service)
    assert row["status"] == "partly_received"
    assert [(each["received"], each["open"]) for each in row["lines"]] == [("30", "70"), ("40", "0")]
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 70)), deliveries=3)
    assert order_rows(service)[0]["status"] == "received"


def test_invoiced_quantities_are_counted_line_by_line_and_once(service):
    seller = register_supplier(service)
    order = a_sent_order(service, seller)
    deliver(service, supplier_invoice_posted(order.id, seller.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), deliveries=3)
    deliver(service, supplier_invoice_posted(order.id, seller.id, (1, "BOLT-M8", 5)), deliveries=3)
    assert [each["billed"] for each in order_rows(service)[0]["lines"]] == ["35", "40"]


@pytest.mark.case("B53")
def test_an_invoice_of_several_orders_is_counted_on_each_of_them(service):
    seller = register_supplier(service)
    one, other = a_sent_order(service, seller), a_sent_order(service, seller)
    posted = supplier_invoice_posted(one.id, seller.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40))
    first, second = posted.lines
    deliver(service, replace(posted, lines=(first, replace(second, purchase_order_id=other.id))), deliveries=2)
    billed = {row["id"]: [each["billed"] for each in row["lines"]] for row in order_rows(service)}
    assert billed == {str(one.id): ["30", "0"], str(other.id): ["0", "40"]}
