"""The balance of every account as of any day."""

from datetime import date
from typing import Any

from services.erp.domain.account import CHART
from services.erp.reports.turnovers import balance_of, turnovers
from shared.money import Money
from shared.report import Reader


def chart_of_accounts() -> list[dict[str, Any]]:
    """The accounts there are, in order of their codes."""
    return [{"code": each.code, "name": each.name, "kind": each.kind} for each in CHART.values()]


def trial_balance(posted: Reader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Every account's balance on the side where it stands, in one currency; debit and credit add up to the same."""
    sums = turnovers(posted, currency, as_of)
    rows = [account_row(code, balance_of(sums, code, currency)) for code in CHART]
    return {"as_of": as_of, "rows": rows, "totals": both_sides(rows, currency)}


def account_row(code: str, balance: Money) -> dict[str, Any]:
    """An account with its balance on the side where it stands."""
    return {"account": code, "name": CHART[code].name, **sides(balance)}


def sides(balance: Money) -> dict[str, Any]:
    """A balance as debit or as credit."""
    nothing = Money.zero(balance.currency)
    return {"debit": max(balance, nothing), "credit": max(-balance, nothing)}


def both_sides(rows: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    """What the debits and the credits of these rows add up to."""
    return {side: Money.sum((row[side] for row in rows), currency) for side in ("debit", "credit")}
