"""Commands on purchase orders, over the real store."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.srm.purchase_orders.domain.purchase_line import RevisedLine
from services.srm.purchase_orders.projections import PurchaseOrders
from services.srm.suppliers.domain.supplier import SupplierBlockedError
from services.srm.suppliers.projections import Suppliers
from shared.contracts import srm
from shared.domain import AlreadyTaken, ForeignCurrency, InvalidInput, NotFound, WrongStatus
from shared.money import Money, UnitPrice
from shared.testing.services import published_events, reader
from tests.unit.srm.caller import open_srm
from tests.unit.srm.purchase_orders.examples import RECEIVED_ON, a_sent_order, draft_order, revise_order
from tests.unit.srm.suppliers.examples import PAYMENTS, block_orders, register_supplier


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


def test_a_sent_order_is_published_in_full(service):
    seller = register_supplier(service)
    drafted = draft_order(service, seller, number="450", ordered_on=RECEIVED_ON, expected_on=date(1996, 7, 9))
    service.purchase_orders.send(drafted.id)
    assert published_events(service)[1:] == [
        srm.PurchaseOrderSent(
            purchase_order_id=drafted.id,
            number="450",
            supplier_id=seller.id,
            currency="USD",
            ordered_on=RECEIVED_ON,
            expected_on=date(1996, 7, 9),
            warehouse="MAIN",
            lines=(srm.PurchaseLine(1, "BOLT-M8", Decimal(100), UnitPrice("0.18", "USD")),),
        )
    ]


def test_no_order_is_sent_to_a_supplier_blocked_for_orders(service):
    seller = register_supplier(service)
    drafted = draft_order(service, seller)
    block_orders(service, seller)
    with pytest.raises(SupplierBlockedError, match="late again"):
        service.purchase_orders.send(drafted.id)
    service.suppliers.suppliers.unblock(seller.id)
    assert service.purchase_orders.send(drafted.id).status == "sent"


def test_a_block_of_payments_stops_no_orders_and_is_shown_with_its_user(service):
    seller = register_supplier(service)
    service.suppliers.suppliers.block(seller.id, PAYMENTS, "dispute")
    a_sent_order(service, seller)
    assert reader(service, Suppliers).get(seller.id)["blocks"] == [
        {"purpose": "payments", "reason": "dispute", "by": "srm"}
    ]


def test_the_revision_and_the_closing_of_a_sent_order_are_published(service):
    seller = register_supplier(service)
    draft = draft_order(service, seller, number="450")
    revise_order(service, draft, RevisedLine("BOLT-M8", Decimal(90), Money("0.18", "USD")))
    service.purchase_orders.send(draft.id)
    revise_order(service, draft, over_receipt_percent=Decimal(5), expected_on=date(2199, 8, 1))
    service.purchase_orders.close(draft.id, "enough")
    _, sent, revised, closed = published_events(service)
    assert (sent.lines[0].quantity, sent.over_receipt_percent) == (90, None)
    assert revised == srm.PurchaseOrderRevised(
        purchase_order_id=draft.id,
        revision=2,
        number="450",
        supplier_id=seller.id,
        currency="USD",
        ordered_on=sent.ordered_on,
        expected_on=date(2199, 8, 1),
        warehouse="MAIN",
        lines=(srm.PurchaseLine(1, "BOLT-M8", Decimal(90), UnitPrice("0.18", "USD")),),
        over_receipt_percent=Decimal(5),
    )
    assert closed == srm.PurchaseOrderClosed(draft.id, "enough")


def test_a_supplier_blocked_for_orders_is_sent_no_revision(service):
    seller = register_supplier(service)
    sent = a_sent_order(service, seller)
    draft = draft_order(service, seller)
    block_orders(service, seller)
    assert revise_order(service, draft, over_receipt_percent=Decimal(5)).revision == 1
    with pytest.raises(SupplierBlockedError):
        revise_order(service, sent, over_receipt_percent=Decimal(5))
    assert service.purchase_orders.close(sent.id).status == "closed"


def test_only_the_end_of_a_sent_order_is_published(service):
    seller = register_supplier(service)
    drafted = draft_order(service, seller)
    service.purchase_orders.cancel(drafted.id, "typed twice")
    sent = a_sent_order(service, seller)
    service.purchase_orders.cancel(sent.id, "not needed")
    assert published_events(service)[2:] == [srm.PurchaseOrderCancelled(sent.id, "not needed")]
    with pytest.raises(WrongStatus):
        service.purchase_orders.send(drafted.id)


def test_a_number_is_given_or_the_next_unused_one(service):
    seller = register_supplier(service)
    numbers = ["PO-1", None, None]
    orders = [draft_order(service, seller, number=number) for number in numbers]
    assert [order.number for order in orders] == ["PO-1", "PO-2", "PO-3"]
    with pytest.raises(AlreadyTaken) as refused:
        draft_order(service, seller, number="PO-3")
    assert refused.value.field == "number"


def test_the_series_leaves_out_a_number_that_was_given_in_another_case(service):
    seller = register_supplier(service)
    orders = [draft_order(service, seller, number=number) for number in ["po-1", None]]
    assert [order.number for order in orders] == ["po-1", "PO-2"]


def test_orders_to_an_unknown_supplier_or_in_another_currency_are_refused(service):
    seller = register_supplier(service)
    with pytest.raises(InvalidInput) as refused:
        draft_order(service, seller, supplier_id=uuid4())
    assert refused.value.field == "supplier_id"
    with pytest.raises(ForeignCurrency):
        draft_order(service, seller, currency="EUR")
    with pytest.raises(NotFound):
        service.purchase_orders.send(uuid4())


def test_an_order_is_shown_with_its_open_quantities(service):
    order = a_sent_order(service, register_supplier(service))
    row = reader(service, PurchaseOrders).get(order.id)
    assert (row["status"], row["total"]) == ("sent", {"amount": "48.80", "currency": "USD"})
    assert [[each[name] for name in ("ordered", "received", "billed", "open")] for each in row["lines"]] == [
        ["100", "0", "0", "100"],
        ["40", "0", "0", "40"],
    ]


def test_no_order_is_drafted_for_a_deactivated_supplier_or_sent_to_it(service):
    seller = register_supplier(service)
    drafted = draft_order(service, seller)
    service.suppliers.suppliers.deactivate(seller.id)
    with pytest.raises(InvalidInput, match="EXOTIC is deactivated: reactivate it or choose another") as refused:
        draft_order(service, seller)
    assert refused.value.field == "supplier_id"
    with pytest.raises(InvalidInput, match="EXOTIC is deactivated") as refused:
        service.purchase_orders.send(drafted.id)
    assert refused.value.field == "supplier_id"
    service.suppliers.suppliers.reactivate(seller.id)
    assert service.purchase_orders.send(drafted.id).status == "sent"
    assert draft_order(service, seller).status == "draft"
