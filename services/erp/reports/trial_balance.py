"""The balance of every account as of any day."""

from datetime import date
from typing import Any

from services.erp.domain.account import CHART
from services.erp.domain.journal_entry import JournalEntry
from shared.money import Money
from shared.report import Reader, Report, Rows, on


class AccountDays(Report):
    """What was posted to each account on each day: their sum is its balance."""

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for each in posted.postings:
            key = f"{each.account}/{each.debit.currency}/{posted.posted_on}"
            before = rows.get(key)
            by = each.debit - each.credit
            rows[key] = {
                "account": each.account,
                "date": posted.posted_on,
                "debit_less_credit": by + Money(**before["debit_less_credit"]) if before else by,
            }


def chart_of_accounts() -> list[dict[str, Any]]:
    """The accounts there are, in order of their codes."""
    return [{"code": each.code, "name": each.name, "kind": each.kind} for each in CHART.values()]


def trial_balance(days: Reader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Every account's balance on the side where it stands, in one currency; debit and credit add up to the same."""
    balances = {account: Money.zero(currency) for account in CHART}
    for each in days.all():
        by = Money(**each["debit_less_credit"])
        if by.currency == currency and (as_of is None or each["date"] <= as_of.isoformat()):
            balances[each["account"]] += by
    rows = [{"account": code, "name": CHART[code].name, **_sides(balance)} for code, balance in balances.items()]
    totals = {side: Money.sum((row[side] for row in rows), currency) for side in ("debit", "credit")}
    return {"as_of": as_of, "rows": rows, "totals": totals}


def _sides(balance: Money) -> dict[str, Any]:
    nothing = Money.zero(balance.currency)
    return {"debit": max(balance, nothing), "credit": max(-balance, nothing)}
