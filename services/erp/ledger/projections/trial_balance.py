"""Trial balance: the balance of every account as of any day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.erp.entities.domain.chart_of_accounts import Account, AccountKind, Chart
from services.erp.ledger.projections.other_currencies import name_other_currencies, statement_shape
from services.erp.ledger.projections.turnovers import Sums, account_balance, turnovers_until
from shared.money import Money
from shared.projections import RowReader

ACCOUNT_ROW: Mapping[str, Any] = {"code": str, "name": str, "kind": AccountKind}
BALANCE_ROW: Mapping[str, Any] = {"account": str, "name": str, "debit": Money, "credit": Money}
"""The rows of the chart of accounts, and those of the trial balance."""
SIDES: Mapping[str, Any] = {"debit": Money, "credit": Money}
TRIAL_BALANCE = statement_shape({"as_of": date}, BALANCE_ROW, SIDES)
ACCOUNT_LIST: Mapping[str, Any] = {"data": [ACCOUNT_ROW], "has_more": bool, "next_cursor": str | None}


def account_list(chart: Chart) -> list[dict[str, Any]]:
    """Return all accounts in order of their codes."""
    return [{"code": each.code, "name": each.name, "kind": each.kind} for each in chart.accounts]


def trial_balance(posted: RowReader, chart: Chart, as_of: date | None, currency: str) -> dict[str, Any]:
    """Return every account's balance as debit or credit, in one currency; the totals of both are equal."""
    sums = turnovers_until(posted, as_of, entity=chart.entity)
    totals = {each: debit_and_credit_totals(_rows(sums[each], chart, each), each) for each in {*sums, currency}}
    return {
        "as_of": as_of,
        "rows": _rows(sums[currency], chart, currency),
        "totals": totals[currency],
        **name_other_currencies(sums, currency, totals.__getitem__),
    }


def _rows(sums: Sums, chart: Chart, currency: str) -> list[dict[str, Any]]:
    return [account_row(each, account_balance(sums, each.code, currency)) for each in chart.accounts]


def account_row(account: Account, balance: Money) -> dict[str, Any]:
    """Return an account's row in the trial balance: code, name, and its balance as debit or credit."""
    return {"account": account.code, "name": account.name, **debit_or_credit(balance)}


def debit_or_credit(balance: Money) -> dict[str, Any]:
    """Return a balance split into its debit and credit column, one of them zero."""
    zero = Money.zero(balance.currency)
    return {"debit": max(balance, zero), "credit": max(-balance, zero)}


def debit_and_credit_totals(rows: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    """Return the sums of debits and of credits of these rows."""
    return {side: Money.sum((row[side] for row in rows), currency) for side in ("debit", "credit")}
