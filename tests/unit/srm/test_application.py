"""Commands of SRM, over its real store and keys."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.srm.domain.supplier import ForeignCurrency, SupplierBlocked
from services.srm.projections import PurchaseOrders, Suppliers
from services.srm.service import Srm
from shared.contracts import srm
from shared.domain import AlreadyTaken, InvalidInput, NotFound, WrongStatus
from shared.money import Money
from shared.testing.services import open_service
from tests.unit.srm.examples import RECEIVED_ON, a_sent_order, published_events, reader, register_supplier

BOLTS = {"sku": "BOLT-M8", "quantity": Decimal(100), "unit_price": Money("0.18", "USD")}
CHARLOTTE = {"name": "Charlotte Cooper", "title": "Purchasing Manager", "phone": "(171) 555-2222"}


@pytest.fixture
def service(tmp_path):
    return open_service(Srm, tmp_path)


def test_a_supplier_is_published(service):
    seller = register_supplier(service, payment_terms_days=14)
    assert published_events(service) == [srm.SupplierRegistered(seller.id, "EXOTIC", "USD", 14)]


def test_a_code_belongs_to_one_supplier(service):
    register_supplier(service)
    with pytest.raises(AlreadyTaken) as refused:
        register_supplier(service)
    assert refused.value.field == "code"


def test_nothing_of_a_person_is_stored_in_clear_and_erasing_ends_it(service, tmp_path):
    account = "DE89370400440532013000"
    seller = register_supplier(service, contacts=[CHARLOTTE], iban=account)
    reader(service, Suppliers)
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert not [text for text in (*CHARLOTTE.values(), account) if text.encode() in stored]
    assert service.decrypt(seller.iban.subject, seller.iban.cipher) == account
    (charlotte,) = seller.contacts
    assert service.decrypt(charlotte.name.subject, charlotte.name.cipher) == "Charlotte Cooper"
    for _ in range(2):
        assert service.erase_contact(seller.id, charlotte.id).contacts == ()
    assert service.decrypt(charlotte.name.subject, charlotte.name.cipher) is None
    assert [each.type for each in service.store.log(1, 9)] == ["srm.Supplier.ContactErased"]


def test_a_sent_order_is_published_in_full(service):
    seller = register_supplier(service)
    drafted = service.draft_purchase_order(
        seller.id, "USD", [BOLTS], number="450", warehouse="MAIN", ordered_on=RECEIVED_ON, expected_on=date(1996, 7, 9)
    )
    service.send_purchase_order(drafted.id)
    assert published_events(service)[1:] == [
        srm.PurchaseOrderSent(
            purchase_order_id=drafted.id,
            number="450",
            supplier_id=seller.id,
            currency="USD",
            ordered_on=RECEIVED_ON,
            expected_on=date(1996, 7, 9),
            warehouse="MAIN",
            lines=(srm.PurchaseLine(1, "BOLT-M8", Decimal(100), Money("0.18", "USD")),),
        )
    ]


def test_nothing_is_sent_to_a_supplier_blocked_for_orders(service):
    seller = register_supplier(service)
    drafted = service.draft_purchase_order(seller.id, "USD", [BOLTS], warehouse="MAIN")
    service.block_supplier(seller.id, ["orders"], "late again")
    with pytest.raises(SupplierBlocked, match="late again"):
        service.send_purchase_order(drafted.id)
    service.unblock_supplier(seller.id)
    assert service.send_purchase_order(drafted.id).status == "sent"


def test_a_block_of_payments_stops_no_orders_and_is_shown_with_who_set_it(service):
    seller = register_supplier(service)
    service.block_supplier(seller.id, ["payments"], "dispute")
    a_sent_order(service, seller)
    assert reader(service, Suppliers).get(seller.id)["blocks"] == [
        {"purpose": "payments", "reason": "dispute", "by": "srm"}
    ]


def test_the_revision_and_the_closing_of_a_sent_order_are_published(service):
    seller = register_supplier(service)
    draft = service.draft_purchase_order(seller.id, "USD", [BOLTS], number="450", warehouse="MAIN")
    service.revise_purchase_order(draft.id, [BOLTS | {"quantity": Decimal(90)}])
    service.send_purchase_order(draft.id)
    service.revise_purchase_order(draft.id, over_receipt_percent=Decimal(5), expected_on=date(1996, 8, 1))
    service.close_purchase_order(draft.id, "enough")
    _, sent, revised, closed = published_events(service)
    assert (sent.lines[0].quantity, sent.over_receipt_percent) == (90, None)
    assert revised == srm.PurchaseOrderRevised(
        purchase_order_id=draft.id,
        revision=2,
        number="450",
        supplier_id=seller.id,
        currency="USD",
        ordered_on=sent.ordered_on,
        expected_on=date(1996, 8, 1),
        warehouse="MAIN",
        lines=(srm.PurchaseLine(1, "BOLT-M8", Decimal(90), Money("0.18", "USD")),),
        over_receipt_percent=Decimal(5),
    )
    assert closed == srm.PurchaseOrderClosed(draft.id, "enough")


def test_a_supplier_blocked_for_orders_gets_no_other_order(service):
    seller = register_supplier(service)
    sent = a_sent_order(service, seller)
    draft = service.draft_purchase_order(seller.id, "USD", [BOLTS], warehouse="MAIN")
    service.block_supplier(seller.id, ["orders"], "late again")
    assert service.revise_purchase_order(draft.id, over_receipt_percent=Decimal(5)).revision == 1
    with pytest.raises(SupplierBlocked):
        service.revise_purchase_order(sent.id, over_receipt_percent=Decimal(5))
    assert service.close_purchase_order(sent.id).status == "closed"


def test_only_the_end_of_a_sent_order_is_published(service):
    seller = register_supplier(service)
    drafted = service.draft_purchase_order(seller.id, "USD", [BOLTS], warehouse="MAIN")
    service.cancel_purchase_order(drafted.id, "typed twice")
    sent = a_sent_order(service, seller)
    service.cancel_purchase_order(sent.id, "not needed")
    assert published_events(service)[2:] == [srm.PurchaseOrderCancelled(sent.id, "not needed")]
    with pytest.raises(WrongStatus):
        service.send_purchase_order(drafted.id)


def test_a_number_is_given_or_the_next_unused_one(service):
    seller = register_supplier(service)
    numbers = ["PO-1", None, None]
    orders = [
        service.draft_purchase_order(seller.id, "USD", [BOLTS], number=number, warehouse="MAIN") for number in numbers
    ]
    assert [order.number for order in orders] == ["PO-1", "PO-2", "PO-3"]
    with pytest.raises(AlreadyTaken) as refused:
        service.draft_purchase_order(seller.id, "USD", [BOLTS], number="PO-3", warehouse="MAIN")
    assert refused.value.field == "number"


def test_orders_to_an_unknown_supplier_or_in_another_currency_are_refused(service):
    seller = register_supplier(service)
    with pytest.raises(InvalidInput) as refused:
        service.draft_purchase_order(uuid4(), "USD", [BOLTS], warehouse="MAIN")
    assert refused.value.field == "supplier_id"
    with pytest.raises(ForeignCurrency):
        service.draft_purchase_order(seller.id, "EUR", [BOLTS], warehouse="MAIN")
    with pytest.raises(ForeignCurrency):
        service.add_supplier_item(seller.id, "BOLT-M8", unit_price=Money("1", "EUR"), lead_time_days=1)
    with pytest.raises(NotFound):
        service.send_purchase_order(uuid4())


def test_an_order_is_shown_with_what_is_open(service):
    order = a_sent_order(service, register_supplier(service))
    row = reader(service, PurchaseOrders).get(order.id)
    assert (row["status"], row["total"]) == ("sent", {"amount": "48.80", "currency": "USD"})
    assert [[each[name] for name in ("ordered", "received", "billed", "open")] for each in row["lines"]] == [
        ["100", "0", "0", "100"],
        ["40", "0", "0", "40"],
    ]
