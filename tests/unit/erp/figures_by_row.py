"""The figures of ERP as of a day, computed row by row in Python from `BooksByRow`, in the form of its statements."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shared.money import Money, plain_number
from tests.unit.erp.books_by_row import BooksByRow, Item, OrderLine

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "credit")
ZERO = Decimal(0)
ACCOUNT_NAMES = {
    "1000": "Bank", "1200": "Receivables", "1400": "Stock", "2000": "Payables", "2100": "Goods received not invoiced",
    "3000": "Opening balances", "4000": "Sales", "4100": "Freight income", "5000": "Cost of goods sold",
    "5100": "Purchase price variance", "5200": "Stock adjustments", "6000": "Operating expense",
}  # fmt: skip

Turnovers = dict[tuple[str, str | None], tuple[Decimal, Decimal, int]]
OpenAmounts = dict[str, tuple[str, date, Money]]


def turnovers(books: BooksByRow, currency: str, end: date | None, parties: bool = False, **where: str) -> Turnovers:
    """Return debits, credits and number of postings of each account, or of each party on it."""
    sums: Turnovers = {}
    for on, each in books.postings:
        whose = {"account": each.account, "party": str(each.party) if each.party and parties else None}
        is_wanted = each.debit.currency == currency and (end is None or on <= end) and (each.party or not parties)
        if is_wanted and where.items() <= whose.items():
            key = each.account, whose["party"]
            debit, credit, count = sums.get(key, (ZERO, ZERO, 0))
            sums[key] = debit + each.debit.amount, credit + each.credit.amount, count + 1
    return sums


def trial_balance(books: BooksByRow, as_of: date | None, currency: str) -> dict[str, Any]:
    sums, rows = turnovers(books, currency, as_of), []
    for code, name in ACCOUNT_NAMES.items():
        debit, credit, _ = sums.get((code, None), (ZERO, ZERO, 0))
        sides = max(debit - credit, ZERO), max(credit - debit, ZERO)
        debit_side, credit_side = (Money(each, currency) for each in sides)
        rows.append({"account": code, "name": name, "debit": debit_side, "credit": credit_side})
    return {"as_of": as_of, "rows": rows, "totals": _totals(rows, ("debit", "credit"), currency)}


def general_ledger(
    books: BooksByRow, since: date, end: date, currency: str, parties: bool, **where: str
) -> dict[str, Any]:
    until, before = (
        turnovers(books, currency, day, parties, **where) for day in (end, date.fromordinal(since.toordinal() - 1))
    )
    rows = []
    for (account, party), (debit, credit, lines) in sorted(
        until.items(), key=lambda each: (each[0][0], each[0][1] or "")
    ):
        debit_before, credit_before, lines_before = before.get((account, party), (ZERO, ZERO, 0))
        start, finish = debit_before - credit_before, debit - credit
        amounts = {
            "start": start, "debit": debit - debit_before, "credit": credit - credit_before,
            "movement": finish - start, "end": finish,
        }  # fmt: skip
        named = {"account": account, "name": ACCOUNT_NAMES[account], "party": party}
        in_money = {name: Money(amount, currency) for name, amount in amounts.items()}
        rows.append({**named, **in_money, "lines": lines - lines_before})
    return {"from": since, "to": end, "rows": rows}


def open_amounts(items: dict[str, Item], as_of: date, currency: str) -> OpenAmounts:
    """Return party, due date and open amount of each item that is open as of a day."""
    found: OpenAmounts = {}
    for key, item in items.items():
        amounts = [amount for on, amount in item.changes if on <= as_of and amount.currency == currency]
        if amounts and (total := Money.sum(amounts)):
            found[key] = str(item.party_id), item.due_on, total
    return found


def aging(items: dict[str, Item], party: str, as_of: date, currency: str) -> dict[str, Any]:
    parties: dict[str, dict[str, Money]] = {}
    for party_id, due_on, amount in open_amounts(items, as_of, currency).values():
        row = parties.setdefault(party_id, {name: Money(0, currency) for name in (*BUCKETS, "total")})
        days = (as_of - due_on).days
        late = next((place for place, most in enumerate((0, 30, 60, 90)) if days <= most), 4)
        bucket = "credit" if amount.amount < 0 else BUCKETS[late]
        row[bucket] += amount
        row["total"] += amount
    rows = [{party: party_id, **parties[party_id]} for party_id in sorted(parties)]
    return {"as_of": as_of, "rows": rows, "totals": _totals(rows, (*BUCKETS, "total"), currency)}


def goods_received_not_invoiced(books: BooksByRow, as_of: date | None, currency: str) -> dict[str, Any]:
    rows = list(_uninvoiced_rows(books, as_of, currency))
    rows.sort(key=lambda row: (_as_read(row["purchase_order"]), row["purchase_order_id"], row["line"]))
    return {"as_of": as_of, "rows": rows, "totals": _totals(rows, ("open_value",), currency)}


def _uninvoiced_rows(books: BooksByRow, as_of: date | None, currency: str) -> Iterator[dict[str, Any]]:
    for line in books.order_lines.values():
        received, billed, received_value, billed_value = _moved_until(line, as_of)
        if line.order.currency == currency and (received != billed or received_value != billed_value):
            yield {
                "purchase_order_id": str(line.order.purchase_order_id),
                "purchase_order": line.order.number,
                "supplier_id": str(line.order.supplier_id),
                "line": line.line,
                "sku": line.sku,
                "received": plain_number(received),
                "billed": plain_number(billed),
                "received_value": Money(received_value, currency),
                "billed_value": Money(billed_value, currency),
                "open": plain_number(received - billed),
                "open_value": Money(received_value - billed_value, currency),
            }


def _moved_until(line: OrderLine, as_of: date | None) -> tuple[Decimal, ...]:
    movements = [each for each in line.movements if as_of is None or each.on <= as_of]
    names = ("received", "billed", "received_value", "billed_value")
    return tuple(sum((getattr(each, name) for each in movements), ZERO) for name in names)


def stock_value(books: BooksByRow, as_of: date | None, currency: str) -> dict[str, Any]:
    rows = []
    for stock_id, (sku, warehouse) in sorted(
        books.stocks.items(), key=lambda each: [_as_read(code) for code in each[1]]
    ):
        changes = [each for each in books.stock_changes if each[0] == stock_id and (as_of is None or each[1] <= as_of)]
        values = [value for *_, value in changes if value is not None]
        value = Money.sum(values) if values else Money(0, currency)
        if changes and value.currency == currency:
            quantity = sum((quantity for _, _, quantity, _ in changes), ZERO)
            last_cost = _last_unit_cost(books.used_up.get(stock_id, []), as_of)
            prices = sum(by for id_, on, by in books.priced if id_ == stock_id and (as_of is None or on <= as_of))
            rows.append(_stock_row(sku, warehouse, quantity, value, last_cost, is_valued=bool(value or prices)))
    return {"as_of": as_of, "rows": rows, "totals": _totals(rows, ("value",), currency)}


def _as_read(code: str) -> list[tuple[bool, int, str]]:
    """Return the words and numbers of a code, which people order one after the other."""
    parts = re.findall(r"[0-9]+|[^0-9]+", code.lower())
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _last_unit_cost(used_up: list[tuple[date, Decimal]], as_of: date | None) -> Decimal:
    """Return the cost recorded last: of the last day in the month of `as_of`, else of the last month."""
    before = [(on, cost) for on, cost in used_up if as_of is None or on <= as_of]
    if not before:
        return ZERO
    this_month = [(on, cost) for on, cost in before if as_of and _month(on) == _month(as_of)]
    dated = this_month or [(_month(on), cost) for on, cost in before]
    last = max(on for on, _ in dated)
    return [cost for on, cost in dated if on == last][-1]


def _month(day: date) -> date:
    return day.replace(day=1)


def _stock_row(
    sku: str, warehouse: str, quantity: Decimal, value: Money, last_cost: Decimal, is_valued: bool
) -> dict[str, Any]:
    cost = value.amount / quantity if quantity else last_cost
    smallest = Decimal("0.0001")
    while cost and abs(cost) < 1000 * smallest:
        smallest /= 10
    unit_cost = str(cost.quantize(smallest, ROUND_HALF_UP) + 0)
    return {
        "sku": sku,
        "warehouse": warehouse,
        "quantity": plain_number(quantity),
        "unit_cost": {"amount": unit_cost, "currency": value.currency},
        "value": value,
        "unvalued": bool(quantity) and not is_valued,
    }


def _totals(rows: list[dict[str, Any]], names: tuple[str, ...], currency: str) -> dict[str, Money]:
    return {name: Money.sum((row[name] for row in rows), currency) for name in names}
