"""What the firm has, what it owes, and what is its own."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.erp.domain.account import CHART, Kind
from services.erp.reports.profit_and_loss import profit_of
from services.erp.reports.trial_balance import account_row, both_sides, sides
from services.erp.reports.turnovers import Sums, balance_of, turnovers
from shared.money import Money
from shared.report import Reader

Rows = list[dict[str, Any]]


def balance_sheet(posted: Reader, as_of: date, currency: str) -> dict[str, Any]:
    """Assets, liabilities and equity as of a day, in one currency; assets = liabilities + equity.

    What was earned is equity: in the calendar years before as retained earnings, since then as the year's profit.
    """
    sums = turnovers(posted, currency, as_of)
    retained = profit_of(turnovers(posted, currency, date(as_of.year - 1, 12, 31)), currency)
    rows = [*_accounts(sums, currency), *_earned(retained, profit_of(sums, currency) - retained)]
    totals = {**both_sides(rows, currency), **dict(_totals(rows, currency))}
    return {"as_of": as_of, "rows": rows, "totals": totals}


def _accounts(sums: Sums, currency: str) -> Iterator[dict[str, Any]]:
    for code, account in CHART.items():
        if account.kind in (Kind.ASSET, Kind.LIABILITY, Kind.EQUITY):
            yield _row(account_row(code, balance := balance_of(sums, code, currency)), account.kind, balance)


def _earned(retained: Money, profit: Money) -> Iterator[dict[str, Any]]:
    for name, amount in (("Retained earnings", retained), ("Profit of the year", profit)):
        yield _row({"account": None, "name": name, **sides(-amount)}, Kind.EQUITY, -amount)


def _row(shown: dict[str, Any], kind: Kind, balance: Money) -> dict[str, Any]:
    return {**shown, "kind": kind, "amount": balance if kind == Kind.ASSET else -balance}


def _totals(rows: Rows, currency: str) -> Iterator[tuple[str, Money]]:
    for name, kind in (("assets", Kind.ASSET), ("liabilities", Kind.LIABILITY), ("equity", Kind.EQUITY)):
        yield name, Money.sum((row["amount"] for row in rows if row["kind"] == kind), currency)
