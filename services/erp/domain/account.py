"""The chart of accounts every firm starts with."""

from enum import StrEnum

from shared.domain import value


class Kind(StrEnum):
    """What an account tells of; decides the statement it belongs to."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


@value
class Account:
    """A place in the books that amounts are posted to."""

    code: str
    name: str
    kind: Kind


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

OF_PARTIES = (RECEIVABLES, PAYABLES)
"""Somebody owes, or is owed, what stands on these."""

OF_STOCK = (STOCK, GOODS_RECEIVED_NOT_INVOICED)
"""What stands on these follows from movements of goods, and from nothing else."""

CHART = {
    each.code: each
    for each in (
        Account(BANK, "Bank", Kind.ASSET),
        Account(RECEIVABLES, "Receivables", Kind.ASSET),
        Account(STOCK, "Stock", Kind.ASSET),
        Account(PAYABLES, "Payables", Kind.LIABILITY),
        Account(GOODS_RECEIVED_NOT_INVOICED, "Goods received not invoiced", Kind.LIABILITY),
        Account(OPENING_BALANCES, "Opening balances", Kind.EQUITY),
        Account(SALES, "Sales", Kind.INCOME),
        Account(FREIGHT_INCOME, "Freight income", Kind.INCOME),
        Account(COST_OF_GOODS_SOLD, "Cost of goods sold", Kind.EXPENSE),
        Account(PURCHASE_PRICE_VARIANCE, "Purchase price variance", Kind.EXPENSE),
        Account(STOCK_ADJUSTMENTS, "Stock adjustments", Kind.EXPENSE),
        Account(OPERATING_EXPENSE, "Operating expense", Kind.EXPENSE),
    )
}
"""Every account by its code, in order."""
