"""Purchase orders, their receipts, and the supplier invoices matched with both."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.histories.oracle.amounts import ZERO, net, rounded
from tests.histories.oracle.settling import Document
from tests.histories.oracle.stock import Place

Parts = list[tuple[int, Decimal]]
"""Quantities by line number."""


@dataclass
class PurchaseLine:
    """A line of a purchase order."""

    number: int
    sku: str
    quantity: Decimal
    price: Decimal
    received: Decimal = ZERO


@dataclass
class Receipt:
    """Goods that arrived for a purchase order."""

    id: str
    place: Place
    parts: Parts
    is_reversed: bool = False


@dataclass
class BillLine:
    """A line of a supplier invoice, of one order line or of an item."""

    sku: str
    quantity: Decimal
    price: Decimal
    line: int | None


@dataclass
class Bill:
    """A supplier invoice; it is owed once it was matched or released."""

    document: Document
    lines: list[BillLine]
    is_released: bool = False
    is_rejected: bool = False
    deviates: bool = True
    charges: list[tuple[int, Decimal, Decimal]] = field(default_factory=list)
    """Quantities and prices by order line."""

    @property
    def holds_its_goods(self) -> bool:
        return self.is_released or bool(self.document.settled)

    @property
    def status(self) -> str:
        if self.is_rejected:
            return "rejected"
        if self.document.is_posted and not self.document.open:
            return "paid"
        if self.is_released:
            return "released"
        return "blocked" if self.deviates else "matched"


@dataclass
class Purchase:
    """A purchase order that was sent."""

    id: str
    supplier: str
    warehouse: str
    ordered_on: date
    lines: list[PurchaseLine]
    receipts: list[Receipt] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    ended: str | None = None

    def line(self, number: int) -> PurchaseLine:
        return next(each for each in self.lines if each.number == number)

    def open(self, line: PurchaseLine) -> Decimal:
        return ZERO if self.ended else max(line.quantity - line.received, ZERO)

    @property
    def status(self) -> str:
        if self.ended == "closed":
            return "closed"
        if all(each.received >= each.quantity for each in self.lines):
            return "received"
        if self.ended:
            return self.ended
        return "partly_received" if any(each.received for each in self.lines) else "sent"

    @property
    def total(self) -> Decimal:
        return sum((net(each.received if self.ended else each.quantity, each.price) for each in self.lines), ZERO)

    def parts_of(self, sku: str, quantity: Decimal) -> Parts:
        """Return the first lines of an item that still expect goods; beyond them, none."""
        parts, left = [], quantity
        for each in self.lines:
            part = min(left, self.open(each)) if each.sku == sku else ZERO
            if part:
                parts.append((each.number, part))
                left -= part
        return [] if left else parts

    # -- value

    def paid(self) -> list[tuple[Receipt, int, Decimal]]:
        """Return what each part of each receipt costs: parts of a line add up to the whole, by day and arrival."""
        before: dict[int, Decimal] = {}
        costs = []
        for receipt in sorted(
            (each for each in self.receipts if not each.is_reversed), key=lambda each: each.place.day
        ):
            for number, quantity in receipt.parts:
                so_far, price = before.get(number, ZERO), self.line(number).price
                before[number] = so_far + quantity
                costs.append((receipt, number, net(so_far + quantity, price) - net(so_far, price)))
        return costs

    # -- supplier invoices

    def match(self) -> None:
        """Match the supplier invoices in the order in which they were recorded."""
        taken = {each.number: ZERO for each in self.lines}
        for bill in (each for each in self.bills if not each.is_rejected):
            bill.charges = self._charges(bill, taken)
            bill.deviates = self._deviates(bill, taken)
            if not bill.deviates:
                bill.document.is_posted = True
            if bill.holds_its_goods or not bill.deviates:
                for number, quantity, _ in bill.charges:
                    taken[number] += quantity

    def _charges(self, bill: Bill, taken: dict[int, Decimal]) -> list[tuple[int, Decimal, Decimal]]:
        """Return which order lines a supplier invoice charges: the named one, else those at its price, else all."""
        left = {each.number: max(each.received - taken[each.number], ZERO) for each in self.lines}
        rest = [each.quantity for each in bill.lines]
        charges: list[tuple[int, Decimal, Decimal]] = []

        def take(position: int, number: int, quantity: Decimal) -> None:
            charges.append((number, quantity, bill.lines[position].price))
            left[number] = max(left[number] - quantity, ZERO)
            rest[position] -= quantity

        for exact in (True, False):
            for position, each in enumerate(bill.lines):
                for number in self._lines_for(each, exact=exact):
                    take(position, number, rest[position] if each.line else min(rest[position], left[number]))
        for position, each in enumerate(bill.lines):
            take(position, self._last_line_for(each), rest[position])
        return [each for each in charges if each[1]]

    def _last_line_for(self, wanted: BillLine) -> int:
        return (self._lines_for(wanted, exact=True) or self._lines_for(wanted, exact=False))[-1]

    def _lines_for(self, wanted: BillLine, *, exact: bool) -> list[int]:
        if wanted.line is not None:
            return [wanted.line]
        of_item = [each for each in self.lines if each.sku == wanted.sku]
        return [each.number for each in of_item if not exact or each.price == wanted.price]

    def _deviates(self, bill: Bill, taken: dict[int, Decimal]) -> bool:
        charged = dict.fromkeys(taken, ZERO)
        for number, quantity, _ in bill.charges:
            charged[number] += quantity
        too_dear = any(price > self.line(number).price for number, _, price in bill.charges)
        too_many = any(
            quantity and taken[number] + quantity > self.line(number).received for number, quantity in charged.items()
        )
        return too_dear or too_many

    def cleared(self) -> Decimal:
        """Return what posted supplier invoices clear of goods received not invoiced."""
        billed = {each.number: ZERO for each in self.lines}
        for bill in (each for each in self.bills if each.document.is_posted and not each.is_rejected):
            for number, quantity, _ in bill.charges:
                billed[number] += quantity
        return sum((self._cleared_of(self.line(number), quantity) for number, quantity in billed.items()), ZERO)

    def _cleared_of(self, line: PurchaseLine, billed: Decimal) -> Decimal:
        ahead = max(billed - line.received, ZERO)
        value = Fraction(net(line.received, line.price))
        arrived = value * Fraction(billed - ahead) / Fraction(line.received) if line.received else Fraction(0)
        return rounded(arrived + Fraction(ahead) * Fraction(line.price))
