"""A second entity has books of its own: nothing in those of the first depends on it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.erp.entities.domain.chart_of_accounts import AccountRole, ChartOfAccounts, chart_from_template
from services.erp.entities.domain.entity_code import series_of
from services.erp.entities.domain.legal_entity import LegalEntity
from services.erp.ledger.domain.accounting_periods import AccountingPeriod
from services.erp.ledger.domain.books import Books, open_books
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from services.erp.ledger.domain.manual_entry import LineDocument
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.service import Erp
from services.erp.settlement.domain.open_item import open_items
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.contracts import PublishedEvent
from shared.domain import Firm, UnitOfWork
from shared.event_codec import decode_event
from shared.money import Money
from shared.testing.services import catch_up, deliver, reader
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    a_purchase,
    a_receipt,
    a_shipment,
    an_erp,
    an_order,
    invoices,
    usd,
)

SECOND, MARCH, TODAY = "second", AccountingPeriod.from_code("2026-03"), date(2026, 4, 20)
STATEMENTS = (
    "trial-balance", "trial-balance?as_of=2026-03-31", "balance-sheet?as_of=2026-03-31", "profit-and-loss",
    "general-ledger", "general-ledger?by=party", "receivables-aging?as_of=2026-03-31",
    "payables-aging?as_of=2026-03-31", "goods-received-not-invoiced?as_of=2026-03-31", "stock-value?as_of=2026-03-31",
    "periods?entity=main", "periods/2026-03",
)  # fmt: skip


def in_books_of_second(service: Erp, work: Callable[[UnitOfWork, Books], list[JournalEntry]]) -> list[JournalEntry]:
    """Run `work` with the open books of the second entity, and store the entries that it returns."""

    def working() -> list[JournalEntry]:
        uow = service.runner.uow
        _register_second(uow)
        books = open_books(uow, SECOND)
        posted = work(uow, books)
        items = [item for each in posted if each.is_manual for item in open_items(each, [LineDocument()])]
        for each in (*posted, *items, books.periods):
            uow.save(each)
        return posted

    return service.runner.run(working)


def _register_second(uow: Any) -> None:
    """Register the second entity with its chart of accounts, unless it is known."""
    if uow.load(LegalEntity, LegalEntity.id_of(SECOND)) is None:
        uow.save(LegalEntity(Firm(entity=SECOND)), ChartOfAccounts.adopt(SECOND))


def sell_in_second(
    service: Erp, document: UUID, amount: str, kind: EntryKind = EntryKind.INVOICE, on: date = MARCH_5
) -> JournalEntry:
    """Post sales of the second entity to a customer."""

    def selling(uow: UnitOfWork, books: Books) -> list[JournalEntry]:
        del uow
        sides = (
            books.debit(AccountRole.RECEIVABLES, usd(amount), CUSTOMER),
            books.credit(AccountRole.SALES, usd(amount)),
        )
        return list(books.post(kind, document, on, sides))

    (entry,) = in_books_of_second(service, selling)
    return entry


def close_march_in_second(service: Erp) -> None:
    def closing(uow: UnitOfWork, books: Books) -> list[JournalEntry]:
        del uow
        books.periods.close(MARCH, TODAY)
        return []

    in_books_of_second(service, closing)


def next_invoice_number_of_second(service: Erp) -> int:
    """Take the number together with an entry, as every number is taken with an event."""
    numbers: list[int] = []

    def numbering(uow: UnitOfWork, books: Books) -> list[JournalEntry]:
        numbers.append(uow.next_number(series_of("invoices", SECOND)))
        sides = books.debit(AccountRole.BANK, usd("1.00")), books.credit(AccountRole.SALES, usd("1.00"))
        return list(books.post(EntryKind.MANUAL, uuid4(), MARCH_5, sides))

    in_books_of_second(service, numbering)
    return numbers[0]


def statements_of_main(service: Erp) -> dict[str, Any]:
    """Return every statement, and the periods and lines of the journal."""
    client = create_erp_client(catch_up(service))
    journal = client.get("/journal?entity=main").json["data"]
    lines = [{name: value for name, value in each.items() if name not in ("id", "source")} for each in journal]
    return {**{path: client.get(f"/{path}").json for path in STATEMENTS}, "journal": lines}


def facts_of_main(service: Erp) -> list[Any]:
    """Return name, aggregate and content of every event, except of those of the second entity."""
    events = [(each, decode_event(each)) for each in service.store.log(0, 100_000)]
    return [
        (stored.type, stored.aggregate, {name: value for name, value in vars(event).items() if name not in KEPT_APART})
        for stored, event in events
        if getattr(event, "entity", "main") == "main" and stored.aggregate != LegalEntity.id_of(SECOND)
    ]


KEPT_APART = {"meta", "position", "timestamp"}
"""Facts about the recording of an event, not about the business."""


def first_half() -> list[PublishedEvent]:
    purchase, order = a_purchase(("CHAI", "10", "12.00")), an_order(("CHAI", "4", "20.00"), freight="5.00")
    return [purchase, a_receipt(purchase, on=MARCH_1), order, a_shipment(order, on=MARCH_5)]


def second_half() -> list[PublishedEvent]:
    order = an_order(("CHAI", "2", "21.00"))
    return [order, a_shipment(order, on=MARCH_9)]


def test_books_of_a_second_entity_change_nothing_in_those_of_the_first(tmp_path: Path):
    alone, both = an_erp(tmp_path / "alone"), an_erp(tmp_path / "both")
    first, second = first_half(), second_half()
    for service in (alone, both):
        deliver(service, *first)
    (invoice,) = invoices(both)
    sell_in_second(both, invoice.id, "999.00")
    sell_in_second(both, UUID(int=7), "333.00", EntryKind.MANUAL)
    sell_in_second(both, UUID(int=8), "111.00", on=date(2026, 6, 1))
    assert [next_invoice_number_of_second(both) for _ in range(2)] == [1, 2]
    close_march_in_second(both)
    for service in (alone, both):
        deliver(service, *second)
    assert facts_of_main(both) == facts_of_main(alone)
    assert [each.number for each in invoices(both)] == ["1", "2"]
    assert statements_of_main(both) == statements_of_main(alone)
    assert statements_of_main(both)["periods/2026-03"]["status"] == "open"
    for service in (alone, both):
        service.ledger.close_period("2026-03")
    assert statements_of_main(both) == statements_of_main(alone)


def test_a_period_closed_in_the_first_entity_is_open_in_the_second(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, *first_half())
    service.ledger.close_period("2026-03")
    entry = sell_in_second(service, UUID(int=7), "333.00")
    assert entry.posted_on == MARCH_5


def test_one_document_can_be_posted_in_both_entities(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, *first_half())
    (invoice,) = invoices(service)
    entry = sell_in_second(service, invoice.id, "999.00")
    of_main = JournalEntry.create_id(invoice.id, EntryKind.INVOICE, MARCH_5)
    assert entry.id == JournalEntry.create_id(invoice.id, EntryKind.INVOICE, MARCH_5, SECOND) != of_main
    assert entry.reversal_id != JournalEntry.create_id(entry.id, EntryKind.REVERSAL, MARCH_5)
    assert entry.reversal(MARCH_9).entity == SECOND


def test_the_second_entity_has_statements_and_periods_of_its_own(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, *first_half())
    sell_in_second(service, UUID(int=7), "333.00", EntryKind.MANUAL)
    close_march_in_second(service)
    late = sell_in_second(service, UUID(int=8), "1.00")
    assert (late.posted_on, late.dated) == (date(2026, 4, 1), MARCH_5)
    rows = trial_balance(reader(service, Turnovers), chart_from_template("trading", SECOND), None, "USD")["rows"]
    assert {row["account"]: row["debit"] - row["credit"] for row in rows if row["debit"] or row["credit"]} == {
        "1200": usd("334.00"), "4000": Money(Decimal("-334.00"), "USD"),
    }  # fmt: skip
    owed = aging(reader(service, OpenReceivables), "customer_id", TODAY, "USD", SECOND)
    assert [(row["customer_id"], row["total"]) for row in owed["rows"]] == [(str(CUSTOMER), usd("333.00"))]
    client = create_erp_client(service)
    periods = client.get("/periods?entity=second").json["data"]
    assert [(each["id"], each["code"], each["status"]) for each in periods] == [
        ("2026-03/second", "2026-03", "closed"), ("2026-04/second", "2026-04", "open"),
    ]  # fmt: skip
    lines = client.get("/journal?entity=second").json["data"]
    assert [(each["account"], each["entity"], each["date"]) for each in lines] == [
        ("1200", "second", "2026-03-05"), ("4000", "second", "2026-03-05"),
        ("1200", "second", "2026-04-01"), ("4000", "second", "2026-04-01"),
    ]  # fmt: skip


def test_projections_of_two_entities_are_the_same_when_rebuilt(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, *first_half())
    sell_in_second(service, UUID(int=7), "333.00", EntryKind.MANUAL)
    close_march_in_second(service)
    deliver(service, *second_half())
    catch_up(service)
    assert all(each.is_equal for each in service.read_models.rebuild().values())
