"""Profit and loss statement."""

from datetime import date, timedelta
from typing import Any

from services.erp.ledger.domain.account import CHART_OF_ACCOUNTS, AccountKind
from services.erp.ledger.projections.trial_balance import account_row, debit_and_credit_totals
from services.erp.ledger.projections.turnovers import Sums, account_balance, turnovers_until
from shared.money import Money
from shared.projections import RowReader

RESULT_KINDS = (AccountKind.INCOME, AccountKind.EXPENSE)


def profit_and_loss(posted: RowReader, since: date | None, end: date | None, currency: str) -> dict[str, Any]:
    """Return income, expenses (both positive) and profit from one day to another, included (none = first, last)."""
    sums = _turnovers_between(posted, since, end, currency)
    rows = [_row(sums, code, currency) for code, account in CHART_OF_ACCOUNTS.items() if account.kind in RESULT_KINDS]
    income, expenses = (_total(rows, kind, currency) for kind in RESULT_KINDS)
    totals = {
        **debit_and_credit_totals(rows, currency),
        "income": income,
        "expenses": expenses,
        "profit": income - expenses,
    }
    return {"from": since, "to": end, "rows": rows, "totals": totals}


def _turnovers_between(posted: RowReader, since: date | None, end: date | None, currency: str, **where: Any) -> Sums:
    """Return the turnovers between two days."""
    sums = turnovers_until(posted, currency, end, **where)
    before = turnovers_until(posted, currency, since - timedelta(days=1), **where) if since else {}
    return {whose: turnover - before[whose] if whose in before else turnover for whose, turnover in sums.items()}


def profit_of(sums: Sums, currency: str) -> Money:
    """Return income less expenses."""
    codes = (code for code, account in CHART_OF_ACCOUNTS.items() if account.kind in RESULT_KINDS)
    return -Money.sum((account_balance(sums, code, currency) for code in codes), currency)


def _row(sums: Sums, code: str, currency: str) -> dict[str, Any]:
    balance, kind = account_balance(sums, code, currency), CHART_OF_ACCOUNTS[code].kind
    return {**account_row(code, balance), "kind": kind, "amount": -balance if kind == AccountKind.INCOME else balance}


def _total(rows: list[dict[str, Any]], kind: AccountKind, currency: str) -> Money:
    return Money.sum((row["amount"] for row in rows if row["kind"] == kind), currency)
