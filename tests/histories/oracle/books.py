"""The books of the firm as of any day, derived from its documents and movements."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.firm import Entry, Firm
from tests.histories.oracle.settling import BUCKETS

Balances = dict[str, Decimal]
INCOME = ("4000", "4100", "5000", "5100", "5200", "6000")
ASSETS, LIABILITIES = ("1000", "1200", "1400"), ("2000", "2100")
CONTROL_ACCOUNT = {"receivable": "1200", "payable": "2000"}
SIGN = {"receivable": 1, "payable": -1}


def balances(firm: Firm, day: date) -> Balances:
    """Return debit less credit of each account at the end of a day."""
    sums: Balances = defaultdict(lambda: ZERO)
    _add_goods(firm, day, sums)
    _add_documents(firm, day, sums)
    _add_settlements(firm, day, sums)
    for each in firm.entries.values():
        _add_entry(each, day, sums)
    _add_cleared(firm, sums, day)
    return {account: amount for account, amount in sums.items() if amount}


def _add_goods(firm: Firm, day: date, sums: Balances) -> None:
    against = {"receipt": "2100", "opening": "3000"}
    for stock in firm.stocks.values():
        for each in stock.valued():
            if each.move.place.day > day:
                continue
            sums["1400"] += each.value
            if each.move.kind in against:
                sums[against[each.move.kind]] -= each.move.paid
                sums["5000"] += each.move.paid - each.value
            else:
                sums["5200" if each.move.kind == "count" else "5000"] -= each.value


def _add_documents(firm: Firm, day: date, sums: Balances) -> None:
    for on, goods, freight in firm.sales:
        if on <= day:
            sums["1200"] += goods + freight
            sums["4000"] -= goods
            sums["4100"] -= freight
    for _, bill in firm.bills.values():
        if bill.document.is_posted and bill.document.day <= day:
            sums["2000"] -= bill.document.amount
            sums["5100"] += bill.document.amount


def _add_cleared(firm: Firm, sums: Balances, day: date) -> None:
    """Move what supplier invoices clear from the variance; before the last day only their sum is compared."""
    if day == date.max:
        cleared = sum((each.cleared() for each in firm.purchases.values()), ZERO)
        sums["2100"] += cleared
        sums["5100"] -= cleared


def _add_settlements(firm: Firm, day: date, sums: Balances) -> None:
    for credit in firm.credits.values():
        if credit.is_payment:
            _add_payment(sums, credit.side, credit.amount if credit.day <= day else ZERO)
            undone = credit.reversed_on is not None and credit.reversed_on <= day
            _add_payment(sums, credit.side, -credit.amount if undone else ZERO)
    for on, document, amount in firm.write_offs:
        if on <= day:
            sums["6000"] += SIGN[document.side] * amount
            sums[CONTROL_ACCOUNT[document.side]] -= SIGN[document.side] * amount


def _add_payment(sums: Balances, side: str, amount: Decimal) -> None:
    sums["1000"] += SIGN[side] * amount
    sums[CONTROL_ACCOUNT[side]] -= SIGN[side] * amount


def _add_entry(entry: Entry, day: date, sums: Balances) -> None:
    for account, amount in entry.amounts:
        sums[account] += amount if entry.day <= day else ZERO
        sums[account] -= amount if entry.reversed_on is not None and entry.reversed_on <= day else ZERO


def aging(firm: Firm, side: str, day: date) -> dict[str, Balances]:
    """Return what is open of each party by days overdue, and its credit, also that of documents settled twice."""
    names = [*(name for name, _ in BUCKETS), "days_over_90", "credit", "total"]
    rows: dict[str, Balances] = defaultdict(lambda: dict.fromkeys(names, ZERO))
    for each in firm.documents.values():
        if each.side == side and (amount := each.open_as_of(day)):
            rows[each.party][each.bucket(day) if amount > 0 else "credit"] += amount
            rows[each.party]["total"] += amount
    for credit in firm.credits.values():
        if credit.side == side and (amount := credit.credit_as_of(day)):
            rows[credit.party]["credit"] -= amount
            rows[credit.party]["total"] -= amount
    return dict(rows)


def profit(sums: Balances) -> Decimal:
    return -sum((sums.get(each, ZERO) for each in INCOME), ZERO)
