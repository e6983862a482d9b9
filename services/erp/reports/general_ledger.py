"""What stood on an account, what moved it, and what stands now."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.erp.domain.account import CHART
from services.erp.reports.turnovers import Sums, Turnover, turnovers
from shared.report import Reader


def general_ledger(
    posted: Reader, since: date | None, end: date | None, currency: str, *, parties: bool = False, **where: Any
) -> dict[str, Any]:
    """Start, debit, credit, end and number of lines of each account, or of each party on it, between two days.

    Both days are included (none = from the first, to the last); balances are debit less credit, in one currency.
    """
    sums = turnovers(posted, currency, end, parties, **where)
    before = turnovers(posted, currency, since - timedelta(days=1), parties, **where) if since else {}
    return {"from": since, "to": end, "rows": list(_rows(sums, before, currency))}


def _rows(sums: Sums, before: Sums, currency: str) -> Iterator[dict[str, Any]]:
    for account, party in sorted(sums, key=lambda whose: (whose[0], whose[1] or "")):
        start = before.get((account, party), Turnover.nothing(currency))
        moved = sums[account, party] - start
        yield {
            "account": account,
            "name": CHART[account].name,
            "party": party,
            "start": start.balance,
            "debit": moved.debit,
            "credit": moved.credit,
            "movement": moved.balance,
            "end": sums[account, party].balance,
            "lines": moved.postings,
        }
