"""The figures of ERP by SQL, compared with those computed row by row from its stored events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from services.erp.ledger.projections.dated_changes import changes_of_open_items
from services.erp.ledger.projections.general_ledger import general_ledger_between
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers, turnovers_until
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.service import Erp
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.event_codec import decode_event
from shared.projections import Projection, RowReader
from tests.unit.erp import figures_by_row as by_row
from tests.unit.erp.books_by_row import BooksByRow
from tests.unit.erp.examples import CHART

LATER = (20, 45, 75, 110, 700)


@dataclass(frozen=True)
class Question:
    """A day, the end of statements that need none, the first day and the party of a ledger, and a currency."""

    day: date
    end: date | None
    since: date
    party: str
    currency: str

    @classmethod
    def random(cls, chance: Random, days: Sequence[date], parties: Sequence[UUID]) -> "Question":
        """Return a question about one of these days or a later one, and one of these parties."""
        later = [days[-1] + timedelta(days=number) for number in LATER]
        (day, since), party = chance.choices([*days, *later], k=2), chance.choice(parties)
        since, day = min(day, since), max(day, since)
        end = chance.choice((day, day, day, None))
        return cls(day, end, since, str(party), chance.choice(("USD", "USD", "EUR")))


def figures_by_sql(service: Erp, asked: Question, position: int) -> dict[str, Any]:
    def rows(projection: type[Projection]) -> RowReader:
        reader = service.reader_for(projection)
        return reader if position == service.store.head() else reader.as_of_position(position)

    posted, receivables, payables = rows(Turnovers), rows(OpenReceivables), rows(OpenPayables)
    day, since, currency = asked.day, asked.since, asked.currency
    ledger = partial(general_ledger_between, posted, CHART, since, day, currency)
    return {
        "turnovers": [_turnovers(posted, currency, asked.end, parties) for parties in (False, True)],
        "trial balance": trial_balance(posted, CHART, asked.end, currency),
        "general ledger": [ledger(), ledger(account="1200"), ledger(parties=True, party=UUID(asked.party))],
        "open items": [_open_amounts(items, day, currency) for items in (receivables, payables)],
        "receivables aging": aging(receivables, "customer_id", day, currency),
        "payables aging": aging(payables, "supplier_id", day, currency),
        "uninvoiced": goods_received_not_invoiced(rows(UninvoicedReceipts), asked.end, currency),
        "stock value": stock_value(rows(StockValueChanges), asked.end, currency),
    }


Statement = dict[str, Any]


def naming(statement: Statement, other: str, is_there: Any, totals: Statement) -> Statement:
    """The statement as it names the other currency if there is something in it."""
    return {**statement, "other_currencies": [{"currency": other, "totals": totals}] if is_there else []}


def figures_by_row(books: BooksByRow, asked: Question) -> dict[str, Any]:
    day, currency, other = asked.day, asked.currency, "EUR" if asked.currency == "USD" else "USD"
    items = {"customer_id": books.receivables, "supplier_id": books.payables}

    def ledger(**of: Any) -> Statement:
        found, others = (by_row.general_ledger(books, asked.since, day, each, **of) for each in (currency, other))
        return naming(found, other, others["rows"], {"accounts": len(others["rows"])})

    def naming_totals(statement: Callable[[str], Statement], is_there: bool | None = None) -> Statement:
        others = statement(other)
        return naming(statement(currency), other, others["rows"] if is_there is None else is_there, others["totals"])

    return {
        "turnovers": [by_row.turnovers(books, currency, asked.end, parties) for parties in (False, True)],
        "trial balance": naming_totals(
            lambda each: by_row.trial_balance(books, asked.end, each),
            is_there=bool(by_row.turnovers(books, other, asked.end)),
        ),
        "general ledger": [
            ledger(parties=False),
            ledger(parties=False, account="1200"),
            ledger(parties=True, party=asked.party),
        ],
        "open items": [by_row.open_amounts(each, day, currency) for each in items.values()],
        "receivables aging": naming_totals(lambda each: by_row.aging(books.receivables, "customer_id", day, each)),
        "payables aging": naming_totals(lambda each: by_row.aging(books.payables, "supplier_id", day, each)),
        "uninvoiced": naming_totals(lambda each: by_row.goods_received_not_invoiced(books, asked.end, each)),
        "stock value": naming_totals(
            lambda each: by_row.stock_value(books, asked.end, each),
            is_there=any(
                value is not None and value.currency == other and (asked.end is None or on <= asked.end)
                for _, on, _, value in books.stock_changes
            ),
        ),
    }


def _turnovers(posted: RowReader, currency: str, end: date | None, parties: bool) -> by_row.Turnovers:
    found = turnovers_until(posted, end, parties)[currency]
    return {whose: (each.debit, each.credit, each.postings) for whose, each in found.items()}


def _open_amounts(items: RowReader, day: date, currency: str) -> by_row.OpenAmounts:
    groups = items.summarize(
        ("item", "party_id", "due_on"), ("amount",), {**changes_of_open_items(day), "currency": currency}
    )
    return {
        each["item"]: (each["party_id"], date.fromisoformat(each["due_on"]), amount)
        for each in groups
        for amount in each["sums"]["amount"]
        if amount
    }


def require_equal_figures(service: Erp, chance: Random, questions: int, **of: Any) -> None:
    """Require the same figures of both on random days, as known at random positions, and in the end."""
    books, events, applied = BooksByRow(), service.store.log(0, 100_000), 0
    for position in sorted([*(chance.randint(0, len(events)) for _ in range(questions - 1)), len(events)]):
        for recorded in events[applied:position]:
            books.apply(decode_event(recorded))
        applied, asked = position, Question.random(chance, **of)
        expected, found = figures_by_row(books, asked), figures_by_sql(service, asked, position)
        for name, figure in expected.items():
            assert found[name] == figure, (name, asked, position)
