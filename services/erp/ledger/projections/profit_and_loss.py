"""Profit and loss statement."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.erp.entities.domain.chart_of_accounts import Account, AccountKind, Chart
from services.erp.ledger.projections.other_currencies import name_other_currencies, statement_shape
from services.erp.ledger.projections.trial_balance import BALANCE_ROW, SIDES, account_row, debit_and_credit_totals
from services.erp.ledger.projections.turnovers import Sums, account_balance, turnovers_until
from shared.money import Money
from shared.projections import RowReader

AMOUNT_ROW: Mapping[str, Any] = {**BALANCE_ROW, "kind": AccountKind, "amount": Money}
"""The rows of the profit and loss statement and of the balance sheet."""
PROFIT_AND_LOSS = statement_shape(
    {"from": date | None, "to": date}, AMOUNT_ROW, {**SIDES, **dict.fromkeys(("income", "expenses", "profit"), Money)}
)
RESULT_KINDS = (AccountKind.INCOME, AccountKind.EXPENSE)


def profit_and_loss(
    posted: RowReader, chart: Chart, since: date | None, end: date | None, currency: str
) -> dict[str, Any]:
    """Return income, expenses (both positive) and profit from one day to another, included (none = first, last)."""
    sums = _turnovers_between(posted, since, end, chart.entity)
    rows = {each: _rows(sums[each], chart, each) for each in {*sums, currency}}
    return {
        "from": since,
        "to": end,
        "rows": rows[currency],
        "totals": _totals(rows[currency], currency),
        **name_other_currencies(sums, currency, lambda each: _totals(rows[each], each)),
    }


def _rows(sums: Sums, chart: Chart, currency: str) -> list[dict[str, Any]]:
    return [_row(sums, account, currency) for account in _result_accounts(chart)]


def _totals(rows: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    income, expenses = (_total(rows, kind, currency) for kind in RESULT_KINDS)
    return {
        **debit_and_credit_totals(rows, currency),
        "income": income,
        "expenses": expenses,
        "profit": income - expenses,
    }


def _turnovers_between(posted: RowReader, since: date | None, end: date | None, entity: str) -> defaultdict[str, Sums]:
    """Return the turnovers between two days, by currency."""
    sums = turnovers_until(posted, end, entity=entity)
    before = turnovers_until(posted, since - timedelta(days=1), entity=entity) if since else {}
    for currency, known in before.items():
        later = sums[currency]
        sums[currency] = {whose: each - known[whose] if whose in known else each for whose, each in later.items()}
    return sums


def profit_of(sums: Sums, chart: Chart, currency: str) -> Money:
    """Return income less expenses."""
    return -Money.sum((account_balance(sums, each.code, currency) for each in _result_accounts(chart)), currency)


def _result_accounts(chart: Chart) -> list[Account]:
    return [each for each in chart.accounts if each.kind in RESULT_KINDS]


def _row(sums: Sums, account: Account, currency: str) -> dict[str, Any]:
    balance = account_balance(sums, account.code, currency)
    amount = -balance if account.kind == AccountKind.INCOME else balance
    return {**account_row(account, balance), "kind": account.kind, "amount": amount}


def _total(rows: list[dict[str, Any]], kind: AccountKind, currency: str) -> Money:
    return Money.sum((row["amount"] for row in rows if row["kind"] == kind), currency)
