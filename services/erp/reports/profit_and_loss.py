"""What the firm earned and spent."""

from datetime import date, timedelta
from typing import Any

from services.erp.domain.account import CHART, Kind
from services.erp.reports.trial_balance import account_row, both_sides
from services.erp.reports.turnovers import Sums, balance_of, turnovers
from shared.money import Money
from shared.report import Reader

OF_THE_RESULT = (Kind.INCOME, Kind.EXPENSE)


def profit_and_loss(posted: Reader, since: date | None, end: date | None, currency: str) -> dict[str, Any]:
    """Income, expenses and the profit between two days, both included (none = from the first, to the last), in one
    currency. `amount` is positive for income that was earned and for expenses that were spent."""
    sums = posted_between(posted, since, end, currency)
    rows = [_row(sums, code, currency) for code, account in CHART.items() if account.kind in OF_THE_RESULT]
    income, expenses = (_total(rows, kind, currency) for kind in OF_THE_RESULT)
    totals = {**both_sides(rows, currency), "income": income, "expenses": expenses, "profit": income - expenses}
    return {"from": since, "to": end, "rows": rows, "totals": totals}


def posted_between(posted: Reader, since: date | None, end: date | None, currency: str, **where: Any) -> Sums:
    """What was posted from one day to another."""
    sums = turnovers(posted, currency, end, **where)
    before = turnovers(posted, currency, since - timedelta(days=1), **where) if since else {}
    return {whose: turnover - before[whose] if whose in before else turnover for whose, turnover in sums.items()}


def profit_of(sums: Sums, currency: str) -> Money:
    """Income less expenses."""
    codes = (code for code, account in CHART.items() if account.kind in OF_THE_RESULT)
    return -Money.sum((balance_of(sums, code, currency) for code in codes), currency)


def _row(sums: Sums, code: str, currency: str) -> dict[str, Any]:
    balance, kind = balance_of(sums, code, currency), CHART[code].kind
    return {**account_row(code, balance), "kind": kind, "amount": -balance if kind == Kind.INCOME else balance}


def _total(rows: list[dict[str, Any]], kind: Kind, currency: str) -> Money:
    return Money.sum((row["amount"] for row in rows if row["kind"] == kind), currency)
