"""The figures of the suite as its API shows them, and the same figures of the oracle, each under a readable name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tests.cases.desk import Desk
from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.books import ASSETS, LIABILITIES, aging, balances, profit
from tests.histories.oracle.firm import Firm

Row = dict[str, Any]
Figures = dict[str, str]
MERGED = {"2100": "2100+5100", "5100": "2100+5100"}
"""A correction of an earlier clearing is dated by the event that causes it: between, only the sum is certain."""
LONG_AGO = "2000-01-01"
QUANTITIES = ("on_hand", "reserved", "available", "backordered")


def plain(value: object) -> str:
    """Return a number without trailing zeros, and any other value as text."""
    if isinstance(value, dict):
        value = value["amount"]
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return str(value)
    return f"{number.normalize() + 0:f}"


def named(prefix: str, **values: object) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield f"{prefix} {name}", plain(value)


class ShownFigures:
    """Figures read from the API."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def now(self) -> Figures:
        return dict(self._goods()) | dict(self._orders()) | dict(self._documents())

    def _goods(self) -> Iterator[tuple[str, str]]:
        for row in self.all_rows("/scm/stock"):
            name = f"stock {row['sku']} {row['warehouse']}"
            yield from named(name, **{each: row[each] for each in (*QUANTITIES, "on_order")})
        for row in self.all_rows("/scm/stock-counts"):
            for each in row["lines"]:
                yield f"count {row['id']} {each['sku']} difference", plain(each["difference"])

    def _orders(self) -> Iterator[tuple[str, str]]:
        for row in self.all_rows("/crm/sales-orders"):
            yield from named(f"order {row['number']}", status=row["status"], total=row["total"])
            for each in row["lines"]:
                shown = {
                    name: each[name] for name in ("ordered", "cancelled", "reserved", "shipped", "invoiced", "net")
                }
                yield from named(f"order {row['number']} line {each['line']}", **shown)
        for row in self.all_rows("/srm/purchase-orders"):
            yield from named(f"purchase {row['number']}", status=row["status"], total=row["total"])
            for each in row["lines"]:
                yield from named(
                    f"purchase {row['number']} line {each['line']}", received=each["received"], open=each["open"]
                )

    def _documents(self) -> Iterator[tuple[str, str]]:
        for path in ("invoices", "bills", "open-items"):
            for row in self.all_rows(f"/erp/{path}"):
                amount = row["amount"] if path == "open-items" else row["total"]
                shown = {"status": row["status"], "amount": amount, "open": row["open"], "due_on": row["due_on"]}
                yield from named(f"{path} {row['id']}", **shown, written_off=row["written_off"])
        for row in self.all_rows("/erp/payments"):
            yield from named(f"payment {row['id']}", status=row["status"], unallocated=row["unallocated"])
        for row in self.all_rows("/erp/credit"):
            shown = {"status": row["status"], "exposure": row["exposure"], "held": len(row["held"])}
            yield from named(f"credit {row['customer_id']}", **shown)

    def all_rows(self, path: str) -> list[Row]:
        return self.desk.rows(f"{path}?limit=200")

    # -- as of a day

    def as_of(self, day: date, *, is_last: bool) -> Figures:
        return dict(self._goods_as_of(day)) | dict(self._books_as_of(day, is_last=is_last)) | dict(self._agings(day))

    def _goods_as_of(self, day: date) -> Iterator[tuple[str, str]]:
        value = self.desk.get(f"/erp/stock-value?as_of={day}")
        for row in value["rows"]:
            yield from named(
                f"{day} value {row['sku']} {row['warehouse']}",
                quantity=row["quantity"],
                value=row["value"],
                unvalued=row["unvalued"] or "0",
            )
        yield f"{day} value of all stock", plain(value["totals"]["value"])

    def _books_as_of(self, day: date, *, is_last: bool) -> Iterator[tuple[str, str]]:
        trial = self.desk.get(f"/erp/trial-balance?as_of={day}")
        sums = {
            row["account"]: Decimal(row["debit"]["amount"]) - Decimal(row["credit"]["amount"]) for row in trial["rows"]
        }
        yield from _accounts(sums, day, is_last=is_last)
        yield (
            f"{day} trial balance difference",
            plain(Decimal(trial["totals"]["debit"]["amount"]) - Decimal(trial["totals"]["credit"]["amount"])),
        )
        if is_last:
            sheet, result = (
                self.desk.get(f"/erp/balance-sheet?as_of={day}"),
                self.desk.get(f"/erp/profit-and-loss?from={LONG_AGO}&to={day}"),
            )
            yield from named(
                f"{day} balance sheet", **{name: sheet["totals"][name] for name in ("assets", "liabilities", "equity")}
            )
            yield f"{day} profit", plain(result["totals"]["profit"])
            open_goods = self.desk.get(f"/erp/goods-received-not-invoiced?as_of={day}")
            yield f"{day} goods received not invoiced", plain(open_goods["totals"]["open_value"])

    def _agings(self, day: date) -> Iterator[tuple[str, str]]:
        for side, party in (("receivable", "customer_id"), ("payable", "supplier_id")):
            for row in self.desk.rows(f"/erp/{side}s-aging?as_of={day}"):
                amounts = {name: value for name, value in row.items() if isinstance(value, dict)}
                if any(Decimal(value["amount"]) for value in amounts.values()):
                    yield from named(f"{day} {side} {row[party]}", **amounts)


class ExpectedFigures:
    """The same figures of the oracle; `numbers` are those of orders by id."""

    def __init__(self, firm: Firm, numbers: dict[str, str]) -> None:
        self.firm, self.numbers = firm, numbers

    def now(self) -> Figures:
        return dict(self._goods()) | dict(self._orders()) | dict(self._documents())

    def _goods(self) -> Iterator[tuple[str, str]]:
        firm, on_order = self.firm, self._on_order()
        for key in {*firm.stocks, *on_order}:
            stock, (sku, warehouse) = firm.stock(*key), key
            shown = {each: getattr(stock, each) for each in QUANTITIES}
            yield from named(f"stock {sku} {warehouse}", **shown, on_order=on_order.get(key, ZERO))
        for count_id, (warehouse, skus) in firm.counts.items():
            for sku in skus:
                yield f"count {count_id} {sku} difference", plain(firm.stock(sku, warehouse).difference(count_id))

    def _on_order(self) -> dict[tuple[str, str], Decimal]:
        found: dict[tuple[str, str], Decimal] = {}
        for purchase in self.firm.purchases.values():
            for line in purchase.lines:
                key = line.sku, purchase.warehouse
                found[key] = found.get(key, ZERO) + purchase.open(line)
        return found

    def _orders(self) -> Iterator[tuple[str, str]]:
        for order in self.firm.orders.values():
            name, reserved = f"order {self.numbers[order.id]}", self.firm.reserved(order)
            yield from named(name, status=order.status(reserved), total=order.total)
            for each in order.lines:
                yield from named(
                    f"{name} line {each.number}", ordered=each.quantity, cancelled=each.cancelled,
                    reserved=reserved.get(each.number, ZERO), shipped=each.shipped, invoiced=each.shipped, net=each.net,
                )  # fmt: skip
        for purchase in self.firm.purchases.values():
            name = f"purchase {self.numbers[purchase.id]}"
            yield from named(name, status=purchase.status, total=purchase.total)
            for line in purchase.lines:
                yield from named(f"{name} line {line.number}", received=line.received, open=purchase.open(line))

    def _documents(self) -> Iterator[tuple[str, str]]:
        firm = self.firm
        for each in firm.documents.values():
            path = "open-items" if each.is_item else "invoices" if each.side == "receivable" else "bills"
            status = firm.bills[each.id][1].status if path == "bills" else each.item_status
            shown = {"status": status, "amount": each.amount, "open": each.open, "due_on": each.due_on}
            yield from named(f"{path} {each.id}", **shown, written_off=each.written_off)
        for credit in firm.credits.values():
            if credit.is_payment:
                status = "reversed" if credit.reversed_on else "posted"
                yield from named(f"payment {credit.id}", status=status, unallocated=credit.unallocated)
            else:
                yield from self._credit_item(credit)
        for customer in (each for each in firm.parties.values() if each.is_customer):
            held = [each for each in firm.held if each.customer == customer.id]
            shown = {
                "status": firm.credit_status(customer.id),
                "exposure": firm.exposure(customer.id),
                "held": len(held),
            }
            yield from named(f"credit {customer.id}", **shown)

    def _credit_item(self, credit: Any) -> Iterator[tuple[str, str]]:
        used = credit.allocated_as_of(date.max)
        status = "paid" if used == credit.amount else "part_paid" if used else "open"
        shown = {"status": "reversed" if credit.reversed_on else status, "amount": -credit.amount}
        yield from named(
            f"open-items {credit.id}", **shown, open=-credit.unallocated, due_on=credit.due_on, written_off=ZERO
        )

    # -- as of a day

    def as_of(self, day: date, *, is_last: bool) -> Figures:
        return dict(self._goods_as_of(day)) | dict(self._books_as_of(day, is_last=is_last)) | dict(self._agings(day))

    def _goods_as_of(self, day: date) -> Iterator[tuple[str, str]]:
        total = ZERO
        for stock in self.firm.stocks.values():
            if any(each.place.day <= day for each in stock.movements):
                quantity, value = stock.as_of(day)
                total += value
                unvalued = stock.is_unvalued(day) or "0"
                yield from named(
                    f"{day} value {stock.sku} {stock.warehouse}", quantity=quantity, value=value, unvalued=unvalued
                )
        yield f"{day} value of all stock", plain(total)

    def _books_as_of(self, day: date, *, is_last: bool) -> Iterator[tuple[str, str]]:
        sums = balances(self.firm, date.max if is_last else day)
        yield from _accounts(sums, day, is_last=is_last)
        yield f"{day} trial balance difference", "0"
        if is_last:
            assets, liabilities = (sum((sums.get(each, ZERO) for each in kind), ZERO) for kind in (ASSETS, LIABILITIES))
            equity = profit(sums) - sums.get("3000", ZERO)
            yield from named(f"{day} balance sheet", assets=assets, liabilities=-liabilities, equity=equity)
            yield f"{day} profit", plain(profit(sums))
            yield f"{day} goods received not invoiced", plain(-sums.get("2100", ZERO))

    def _agings(self, day: date) -> Iterator[tuple[str, str]]:
        for side in ("receivable", "payable"):
            for party, amounts in aging(self.firm, side, day).items():
                if any(amounts.values()):
                    yield from named(f"{day} {side} {party}", **amounts)


def _accounts(sums: dict[str, Decimal], day: date, *, is_last: bool) -> Iterator[tuple[str, str]]:
    merged: dict[str, Decimal] = {}
    for account, amount in sums.items():
        name = account if is_last else MERGED.get(account, account)
        merged[name] = merged.get(name, ZERO) + amount
    for name, amount in sorted(merged.items()):
        if amount:
            yield f"{day} account {name}", plain(amount)


def differences(shown: Figures, expected: Figures) -> list[str]:
    """Return each figure that differs, or that only one of both has; a missing number is zero."""
    names = sorted({*shown, *expected})
    pairs = [(name, shown.get(name, "0"), expected.get(name, "0")) for name in names]
    return [f"{name}: the suite shows {got}, the oracle expects {want}" for name, got, want in pairs if got != want]


def negative_stock(shown: Figures) -> list[str]:
    """Return the stocks and their values that are below zero, now or on a day."""
    of_stock = {name: value for name, value in shown.items() if name.startswith("stock ") or " value " in name}
    return [f"{name} is {value}" for name, value in of_stock.items() if value.startswith("-")]
