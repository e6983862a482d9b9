"""A match holds as long as its ground: invoices are matched again after each receipt, reversal and revision."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from services.erp.payables.commands import RecordSupplierInvoice
from services.erp.payables.domain.supplier_invoice import Status, SupplierInvoice, SupplierInvoiceLine
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.service import Erp
from shared.contracts import scm, srm
from shared.money import Money
from shared.testing.services import catch_up, deliver
from shared.testing.web import Client, usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import (
    MARCH_5,
    SUPPLIER,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    accounts,
    an_erp,
    as_person,
    balances,
    record_published,
    record_supplier_invoice,
    supplier_invoices,
)
from tests.unit.erp.payables.examples import now

TEN = ("CHAI", "10", "7.00")


def statuses(service: Erp) -> list[str]:
    return [each.status.value for each in supplier_invoices(service)]


def shown(client: Client, invoice: SupplierInvoice) -> dict[str, Any]:
    answered: dict[str, Any] = client.get(f"/bills/{invoice.id}").json
    return answered


def pay(client: Client, invoice: SupplierInvoice, amount: str = "70.00") -> Any:
    paid = {"direction": "out", "party_id": str(SUPPLIER), "paid_on": "2026-03-09", "amount": usd(amount)}
    return client.post(
        "/payments", json=paid | {"allocations": [{"document_id": str(invoice.id), "amount": usd(amount)}]}
    )


def received(service: Erp, *lines: tuple[str, str, str]) -> tuple[srm.PurchaseOrderSent, scm.GoodsReceived]:
    purchase = a_purchase(*lines or [TEN])
    receipt = a_receipt(purchase)
    deliver(service, purchase, receipt)
    return purchase, receipt


@pytest.mark.case("B08", "H3")
def test_a_matched_invoice_is_blocked_and_not_paid_once_its_receipt_is_reversed(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase)
    deliver(service, a_receipt_reversed(receipt), deliveries=2)
    client = create_erp_client(service)
    bill = shown(client, invoice)
    assert (bill["status"], bill["open"], bill["owed_once_accepted"]) == ("blocked", usd("70.00"), usd("0.00"))
    assert [(each["reason"], each["allowed"], each["billed"]) for each in bill["blocked"]] == [
        ("more_than_received", "0", "10")
    ]
    refused = pay(client, invoice)
    assert (refused.status_code, refused.json["code"]) == (409, "not_payable")
    assert "above the 0 received and not invoiced. Wait until goods arrive" in refused.json["detail"]
    assert balances(service) == accounts(a2000="-70.00", a2100="70.00")
    assert client.get("/payables-aging?as_of=2026-03-09").json["totals"]["total"] == usd("70.00")
    rejected = client.post(f"/bills/{invoice.id}/reject", json={"reason": "not ours"})
    assert (rejected.status_code, rejected.json["code"]) == (409, "already_posted")
    assert "release it, or wait" in rejected.json["detail"]


@pytest.mark.case("H3")
def test_an_invoice_entered_after_the_reversal_is_blocked_as_well(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    deliver(service, a_receipt_reversed(receipt))
    invoice = record_supplier_invoice(service, purchase)
    assert statuses(service) == ["blocked"]
    assert pay(create_erp_client(service), invoice).status_code == 409
    assert balances(service) == {}


@pytest.mark.case("B08")
def test_it_matches_and_is_paid_when_the_goods_arrive_after_all(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase)
    published = record_published(service)
    deliver(service, a_receipt_reversed(receipt), a_receipt(purchase))
    client = create_erp_client(service)
    assert (shown(client, invoice)["status"], shown(client, invoice)["blocked"]) == ("matched", [])
    assert published() == [], "it was posted and published before"
    assert pay(client, invoice).status_code == 201
    assert balances(service) == accounts(a1000="-70.00", a1400="70.00")


@pytest.mark.case("B08")
@pytest.mark.parametrize(
    ("price", "expected"), [("6.99", "blocked"), ("7.00", "matched"), ("7.01", "matched")], ids=["below", "as", "above"]
)
def test_a_revised_price_ends_the_match_of_an_invoice_above_it(tmp_path: Path, price: str, expected: str):
    service = an_erp(tmp_path)
    purchase, _ = received(service)
    record_supplier_invoice(service, purchase)
    deliver(service, a_revision(purchase, price))
    assert statuses(service) == [expected]
    deliver(service, a_revision(purchase, "7.00", revision=2))
    assert statuses(service) == ["matched"]


@pytest.mark.case("B08")
def test_the_invoices_recorded_last_lose_their_match_first(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(TEN)
    first, second = a_receipt(purchase, "6"), a_receipt(purchase, "4")
    deliver(service, purchase, first, second)
    for number, quantity in (("1", "5"), ("2", "3"), ("3", "2")):
        record_supplier_invoice(service, purchase, ("CHAI", quantity, "7.00"), number=number)
    deliver(service, a_receipt_reversed(second))
    assert statuses(service) == ["matched", "blocked", "blocked"]
    deliver(service, a_receipt_reversed(first), a_receipt(purchase, "8"))
    assert statuses(service) == ["matched", "matched", "blocked"]


def test_an_invoice_released_by_a_person_is_not_matched_again(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase)
    deliver(service, a_receipt_reversed(receipt))
    published = record_published(service)
    alone = create_erp_client(service).post(f"/bills/{invoice.id}/release", json={"reason": "fine"})
    assert (alone.status_code, alone.json["code"]) == (403, "four_eyes_required")
    released = create_erp_client(service, "laura").post(f"/bills/{invoice.id}/release", json={"reason": "on its way"})
    assert (released.status_code, released.json["status"], released.json["open"]) == (200, "released", usd("70.00"))
    assert published() == []
    deliver(service, a_receipt(purchase), a_revision(purchase, "8.00"))
    assert statuses(service) == ["released"]
    assert pay(create_erp_client(service), invoice).status_code == 201


def release(service: Erp, invoice: SupplierInvoice) -> dict[str, Any]:
    answered = create_erp_client(service, "laura").post(f"/bills/{invoice.id}/release", json={"reason": "agreed"})
    assert answered.status_code == 200, answered.text
    bill: dict[str, Any] = answered.json
    return bill


def too_dear(service: Erp) -> tuple[SupplierInvoice, srm.PurchaseOrderSent, scm.GoodsReceived]:
    """Ten are received and invoiced at 8.00 instead of 7.00, and the invoice is released."""
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "10", "8.00"))
    assert release(service, invoice)["status"] == "released"
    return invoice, purchase, receipt


@pytest.mark.case("B08")
def test_a_release_ends_once_the_receipt_on_which_it_was_given_is_reversed(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice, purchase, receipt = too_dear(service)
    deliver(service, a_receipt_reversed(receipt), deliveries=2)
    client = create_erp_client(service)
    bill = shown(client, invoice)
    assert (bill["status"], bill["open"], bill["released_by"]) == ("blocked", usd("80.00"), None)
    assert [each["reason"] for each in bill["blocked"]] == ["price_above_order", "more_than_received"]
    refused = pay(client, invoice, "80.00")
    assert (refused.status_code, refused.json["code"]) == (409, "not_payable")
    deliver(service, a_receipt(purchase))
    assert statuses(service) == ["blocked"], "the goods are here again, but their price has to be accepted again"
    assert release(service, invoice)["status"] == "released"
    assert pay(client, invoice, "80.00").status_code == 201
    assert balances(service) == accounts(a1000="-80.00", a1400="70.00", a5100="10.00")


@pytest.mark.case("B08")
@pytest.mark.parametrize(
    ("price", "expected"), [("6.00", "blocked"), ("7.00", "released"), ("7.50", "released"), ("8.00", "released")]
)
def test_a_release_ends_once_the_agreed_price_is_lower_than_it_was(tmp_path: Path, price: str, expected: str):
    service = an_erp(tmp_path)
    _, purchase, _ = too_dear(service)
    deliver(service, a_revision(purchase, price))
    assert statuses(service) == [expected]


@pytest.mark.case("B08")
def test_a_release_holds_while_enough_of_what_was_received_is_left(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "20", "7.00"))
    ten, five = a_receipt(purchase, "10"), a_receipt(purchase, "5")
    deliver(service, purchase, ten, five)
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "10", "8.00"))
    release(service, invoice)
    deliver(service, a_receipt_reversed(five))
    assert statuses(service) == ["released"], "ten are received and ten are invoiced"
    deliver(service, a_receipt_reversed(ten))
    assert statuses(service) == ["blocked"]


def test_a_release_is_not_ended_by_goods_for_an_invoice_that_was_recorded_earlier(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "20", "7.00"))
    deliver(service, purchase, a_receipt(purchase, "4"))
    record_supplier_invoice(service, purchase, ("CHAI", "6", "7.00"), number="1")
    later = record_supplier_invoice(service, purchase, ("CHAI", "5", "7.00"), number="2")
    release(service, later)
    deliver(service, a_receipt(purchase, "2"))
    assert statuses(service) == ["matched", "released"]


@pytest.mark.case("B08")
def test_a_paid_invoice_whose_release_ended_is_blocked_once_its_payment_is_reversed(tmp_path: Path):
    service = an_erp(tmp_path)
    invoice, _, receipt = too_dear(service)
    client = create_erp_client(service)
    paid = pay(client, invoice, "80.00")
    deliver(service, a_receipt_reversed(receipt))
    assert statuses(service) == ["paid"]
    client.post(f"/payments/{paid.json['id']}/reverse", json={"reason": "wrong account"})
    assert statuses(service) == ["blocked"]


def test_the_goods_of_a_released_invoice_are_not_invoiced_again(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(TEN)
    deliver(service, purchase)
    first = record_supplier_invoice(service, purchase, number="1")
    as_person(service, "laura", lambda: service.payables.release_invoice(first.id, "they are on the way"))
    record_supplier_invoice(service, purchase, number="2")
    deliver(service, a_receipt(purchase))
    assert statuses(service) == ["released", "blocked"]


def test_a_paid_invoice_stays_paid_shows_its_deviations_and_keeps_its_goods(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase, number="1")
    client = create_erp_client(service)
    payment = pay(client, invoice).json
    deliver(service, a_receipt_reversed(receipt))
    catch_up(service)
    assert shown(client, invoice)["status"] == "paid"
    assert [each["reason"] for each in shown(client, invoice)["blocked"]] == ["more_than_received"]
    record_supplier_invoice(service, purchase, number="2")
    deliver(service, a_receipt(purchase))
    assert statuses(service) == ["paid", "blocked"], "the goods are those that were paid"
    client.post(f"/payments/{payment['id']}/reverse", json={})
    assert statuses(service) == ["matched", "blocked"]


@pytest.mark.case("B08")
def test_an_invoice_paid_in_part_is_blocked_for_the_rest_and_keeps_its_goods(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    invoice = record_supplier_invoice(service, purchase, number="1")
    client = create_erp_client(service)
    assert pay(client, invoice, "30.00").status_code == 201
    deliver(service, a_receipt_reversed(receipt))
    client = create_erp_client(service)
    assert (shown(client, invoice)["status"], shown(client, invoice)["open"]) == ("blocked", usd("40.00"))
    assert pay(client, invoice, "40.00").status_code == 409
    record_supplier_invoice(service, purchase, number="2")
    deliver(service, a_receipt(purchase))
    assert statuses(service) == ["matched", "blocked"]
    assert pay(create_erp_client(service), invoice, "40.00").status_code == 201


def test_two_reversals_of_one_delivery_are_one(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, receipt = received(service)
    deliver(service, a_receipt(purchase, "4"))
    record_supplier_invoice(service, purchase, ("CHAI", "4", "7.00"))
    deliver(service, a_receipt_reversed(receipt), deliveries=3)
    assert statuses(service) == ["matched"], "the goods of the other delivery suffice"


def test_what_a_reversed_payment_no_longer_holds_is_free_for_the_next_invoice(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, _ = received(service)
    dear = record_supplier_invoice(service, purchase, number="1")
    client = create_erp_client(service)
    payment = pay(client, dear).json
    deliver(service, a_revision(purchase, "6.00"))
    record_supplier_invoice(service, purchase, ("CHAI", "10", "6.00"), number="2")
    assert statuses(service) == ["paid", "blocked"]
    client.post(f"/payments/{payment['id']}/reverse", json={})
    assert statuses(service) == ["blocked", "matched"]


def test_tighter_tolerances_do_not_end_a_match(tmp_path: Path):
    service = an_erp(tmp_path)
    service.settings.change(price_tolerance_percent=Decimal(10))
    purchase, _ = received(service)
    record_supplier_invoice(service, purchase, ("CHAI", "10", "7.70"))
    service.settings.change(price_tolerance_percent=Decimal(0))
    deliver(service, a_receipt(purchase))
    assert statuses(service) == ["matched"]


# -- in any order

ORDERED = (("CHAI", "9", "5.00"), ("CHAI", "9", "6.00"))
quantities = st.integers(1, 9).map(str)
prices = st.sampled_from(["4.00", "5.00", "5.50", "6.00", "7.00"])
Step = Callable[[Erp], object]


@st.composite
def business(draw: st.DrawFn) -> list[list[Step]]:
    """Chains of steps: steps of one chain keep their order, those of different chains come in any order."""
    purchases = [replace(a_purchase(*ORDERED), number=number) for number in ("PO-1", "PO-2")[: draw(st.integers(1, 2))]]
    chains: list[list[Step]] = []
    for purchase in purchases:
        for _ in range(draw(st.integers(1, 2))):
            receipt = a_receipt(purchase, draw(quantities), draw(quantities))
            is_reversed = draw(st.booleans())
            chains.append([deliver_it(receipt), *([deliver_it(a_receipt_reversed(receipt))] if is_reversed else [])])
        revised = [(draw(prices), draw(prices)) for _ in range(draw(st.integers(0, 2)))]
        chains.append([deliver_it(a_revision(purchase, *each, revision=n)) for n, each in enumerate(revised, 1)])
    billed = [draw(st.lists(billed_lines(purchases), min_size=1, max_size=2)) for _ in range(draw(st.integers(1, 3)))]
    chains.append([record_it(each, str(number)) for number, each in enumerate(billed, 1)])
    return [[deliver_it(each) for each in purchases], *chains]


def billed_lines(purchases: Sequence[srm.PurchaseOrderSent]) -> st.SearchStrategy[SupplierInvoiceLine]:
    """Lines of any of these orders, some of them with the number of an order line."""
    return st.builds(
        lambda quantity, price, line, order: SupplierInvoiceLine("CHAI", Decimal(quantity), price, line, order),
        quantities,
        prices.map(lambda amount: Money(amount, "USD")),
        st.sampled_from([None, None, 1, 2]),
        st.sampled_from([each.purchase_order_id for each in purchases]),
    )


def deliver_it(message: Any) -> Step:
    return lambda service: deliver(service, message)


def record_it(lines: Sequence[SupplierInvoiceLine], number: str) -> Step:
    request = RecordSupplierInvoice(
        supplier_id=SUPPLIER, number=number, billed_on=MARCH_5, lines=tuple(lines), duplicate_reason="another one"
    )
    return lambda service: as_person(service, "margaret", lambda: service.payables.record_invoice(request))


def in_some_order(chains: Sequence[Sequence[Step]], random: Random) -> list[Step]:
    """The order is sent first; the other chains are merged at random."""
    first, *others = chains
    waiting = [list(each) for each in others if each]
    steps = list(first)
    while waiting:
        chain = random.choice(waiting)
        steps.append(chain.pop(0))
        waiting = [each for each in waiting if each]
    return steps


@contextmanager
def after(steps: Sequence[Step]) -> Iterator[Erp]:
    with TemporaryDirectory() as folder:
        service = an_erp(Path(folder))
        try:
            for step in steps:
                step(service)
            yield service
        finally:
            service.store.close()


def judged(steps: Sequence[Step]) -> tuple[Any, Any, Any]:
    """Return what each invoice is and why, and, once all that are blocked are released, the books and the report."""
    with after(steps) as service:
        invoices = [(each.status, each.deviations) for each in supplier_invoices(service)]
        for each in supplier_invoices(service):
            if now(service, each).status == Status.BLOCKED:
                as_person(service, "laura", lambda each=each: service.payables.release_invoice(each.id, "so be it"))  # type: ignore[misc]
        reader = catch_up(service).reader_for(UninvoicedReceipts)
        report = goods_received_not_invoiced(reader, None, "USD")["rows"]
        return invoices, balances(service), report


@pytest.mark.case("H3", "B08")
@settings(max_examples=25)
@for_any(business(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_does_not_matter(chains: list[list[Step]], random: Random):
    assert judged(in_some_order(chains, random)) == judged(in_some_order(chains, random))


def test_the_report_follows_when_another_order_line_is_charged(tmp_path: Path):
    """The invoice charges line 2, until the goods of line 1 arrive: the first lines are charged first."""
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "5", "8.00"), ("CHAI", "5", "9.00"))
    receipt = a_receipt(purchase, "5", "5")
    first, second = receipt.lines
    deliver(service, purchase, replace(receipt, lines=(second,)))
    record_supplier_invoice(service, purchase, ("CHAI", "5", "7.00"), on=MARCH_5)
    assert balances(service) == accounts(a1400="45.00", a2000="-35.00", a5100="-10.00")
    deliver(service, replace(receipt, receipt_id=uuid4(), lines=(first,)))
    assert balances(service) == accounts(a1400="85.00", a2000="-35.00", a2100="-45.00", a5100="-5.00")
    report = create_erp_client(service).get("/goods-received-not-invoiced").json["rows"]
    assert [(each["line"], each["open"], each["open_value"]) for each in report] == [(2, "5", usd("45.00"))]
