"""Balance sheet."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.erp.entities.domain.chart_of_accounts import AccountKind, Chart
from services.erp.ledger.projections.other_currencies import name_other_currencies, statement_shape
from services.erp.ledger.projections.profit_and_loss import AMOUNT_ROW, profit_of
from services.erp.ledger.projections.trial_balance import SIDES, account_row, debit_and_credit_totals, debit_or_credit
from services.erp.ledger.projections.turnovers import Sums, account_balance, turnovers_until
from shared.money import Money
from shared.projections import RowReader

Rows = list[dict[str, Any]]

BALANCE_SHEET = statement_shape(
    {"as_of": date},
    {**AMOUNT_ROW, "account": str | None},
    {**SIDES, **dict.fromkeys(("assets", "liabilities", "equity"), Money)},
)


def balance_sheet(posted: RowReader, chart: Chart, as_of: date, currency: str) -> dict[str, Any]:
    """Return the balance sheet as of a day, in one currency: assets, liabilities and equity, which balance.

    Equity includes profit: of earlier calendar years as retained earnings, of the current one as profit of the year.
    """
    sums = turnovers_until(posted, as_of, entity=chart.entity)
    before = turnovers_until(posted, date(as_of.year - 1, 12, 31), entity=chart.entity)
    rows = {each: _rows(sums[each], before[each], chart, each) for each in {*sums, currency}}
    return {
        "as_of": as_of,
        "rows": rows[currency],
        "totals": _all_totals(rows[currency], currency),
        **name_other_currencies(sums, currency, lambda each: _all_totals(rows[each], each)),
    }


def _rows(sums: Sums, before: Sums, chart: Chart, currency: str) -> Rows:
    profit, retained = (profit_of(each, chart, currency) for each in (sums, before))
    return [*_accounts(sums, chart, currency), *_equity_rows(retained, profit - retained)]


def _all_totals(rows: Rows, currency: str) -> dict[str, Money]:
    return {**debit_and_credit_totals(rows, currency), **dict(_totals(rows, currency))}


def _accounts(sums: Sums, chart: Chart, currency: str) -> Iterator[dict[str, Any]]:
    for account in chart.accounts:
        if account.kind in (AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY):
            balance = account_balance(sums, account.code, currency)
            yield _row(account_row(account, balance), account.kind, balance)


def _equity_rows(retained: Money, profit: Money) -> Iterator[dict[str, Any]]:
    for name, amount in (("Retained earnings", retained), ("Profit of the year", profit)):
        yield _row({"account": None, "name": name, **debit_or_credit(-amount)}, AccountKind.EQUITY, -amount)


def _row(shown: dict[str, Any], kind: AccountKind, balance: Money) -> dict[str, Any]:
    return {**shown, "kind": kind, "amount": balance if kind == AccountKind.ASSET else -balance}


def _totals(rows: Rows, currency: str) -> Iterator[tuple[str, Money]]:
    for name, kind in (
        ("assets", AccountKind.ASSET),
        ("liabilities", AccountKind.LIABILITY),
        ("equity", AccountKind.EQUITY),
    ):
        yield name, Money.sum((row["amount"] for row in rows if row["kind"] == kind), currency)
