"""General ledger: start, movement and end of each account."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import Chart
from services.erp.ledger.projections.other_currencies import name_other_currencies, shape_of_other_currencies
from services.erp.ledger.projections.turnovers import Sums, Turnover, turnovers_until
from shared.money import Money
from shared.projections import RowReader

LEDGER_ROW: Mapping[str, Any] = {
    "account": str, "name": str, "party": UUID | None,
    **dict.fromkeys(("start", "debit", "credit", "movement", "end"), Money), "lines": int,
}  # fmt: skip
"""The rows of the general ledger."""
OTHER_ACCOUNTS = shape_of_other_currencies({"accounts": int})


def general_ledger_between(
    posted: RowReader,
    chart: Chart,
    since: date | None,
    end: date | None,
    currency: str,
    *,
    parties: bool = False,
    account: str | None = None,
    party: UUID | None = None,
) -> dict[str, Any]:
    """Return the general ledger between two days: start, debit, credit, end and number of lines of each account.

    Both days are included (none = from the first, to the last); balances are debit less credit, in one currency.
    Without an account and a party it shows all.
    """
    wanted = {"entity": chart.entity, "account": account, "party": party}
    where: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    sums = turnovers_until(posted, end, parties, **where)
    before = turnovers_until(posted, since - timedelta(days=1), parties, **where) if since else {}
    return {
        "from": since,
        "to": end,
        "rows": list(_rows(sums[currency], before.get(currency, {}), chart, currency)),
        **name_other_currencies(sums, currency, lambda each: {"accounts": len(sums[each])}),
    }


def _rows(sums: Sums, before: Sums, chart: Chart, currency: str) -> Iterator[dict[str, Any]]:
    for account, party in sorted(sums, key=lambda whose: (whose[0], whose[1] or "")):
        start = before.get((account, party), Turnover())
        moved = sums[account, party] - start
        yield {
            "account": account,
            "name": chart.name_of(account),
            "party": party,
            "start": Money(start.balance, currency),
            "debit": Money(moved.debit, currency),
            "credit": Money(moved.credit, currency),
            "movement": Money(moved.balance, currency),
            "end": Money(sums[account, party].balance, currency),
            "lines": moved.postings,
        }
