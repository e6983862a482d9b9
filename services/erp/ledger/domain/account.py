"""Chart of accounts of every firm."""

from enum import StrEnum

from shared.domain import value_object


class AccountKind(StrEnum):
    """Kind of an account; decides on which statement it is shown."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


@value_object
class Account:
    """An account of the general ledger."""

    code: str
    name: str
    kind: AccountKind


BANK = "1000"
RECEIVABLES = "1200"
STOCK = "1400"
PAYABLES = "2000"
GOODS_RECEIVED_NOT_INVOICED = "2100"
OPENING_BALANCES = "3000"
SALES = "4000"
FREIGHT_INCOME = "4100"
COST_OF_GOODS_SOLD = "5000"
PURCHASE_PRICE_VARIANCE = "5100"
STOCK_ADJUSTMENTS = "5200"
OPERATING_EXPENSE = "6000"

PARTY_ACCOUNTS = (RECEIVABLES, PAYABLES)
"""Accounts kept by party: each posting names the customer or supplier."""

INVENTORY_ACCOUNTS = (STOCK, GOODS_RECEIVED_NOT_INVOICED)
"""Accounts posted from goods movements and supplier invoices only, never by manual entries."""

CHART_OF_ACCOUNTS = {
    each.code: each
    for each in (
        Account(BANK, "Bank", AccountKind.ASSET),
        Account(RECEIVABLES, "Receivables", AccountKind.ASSET),
        Account(STOCK, "Stock", AccountKind.ASSET),
        Account(PAYABLES, "Payables", AccountKind.LIABILITY),
        Account(GOODS_RECEIVED_NOT_INVOICED, "Goods received not invoiced", AccountKind.LIABILITY),
        Account(OPENING_BALANCES, "Opening balances", AccountKind.EQUITY),
        Account(SALES, "Sales", AccountKind.INCOME),
        Account(FREIGHT_INCOME, "Freight income", AccountKind.INCOME),
        Account(COST_OF_GOODS_SOLD, "Cost of goods sold", AccountKind.EXPENSE),
        Account(PURCHASE_PRICE_VARIANCE, "Purchase price variance", AccountKind.EXPENSE),
        Account(STOCK_ADJUSTMENTS, "Stock adjustments", AccountKind.EXPENSE),
        Account(OPERATING_EXPENSE, "Operating expense", AccountKind.EXPENSE),
    )
}
"""All accounts by code, in order of their codes."""
