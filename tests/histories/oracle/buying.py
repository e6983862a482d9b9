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
    charges: list[tuple[int, int, Decimal, Decimal]] = field(default_factory=list)
    """Order lines with quantities and prices, by the position of the line on the invoice."""
    grounds: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """What was received and agreed of each order line when it was released."""
    accepted: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)
    """What was allowed where it deviated when it was released."""

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
            found = self._deviations(bill, taken)
            bill.deviates = bool(found)
            if bill.is_released:
                self._judge_release(bill, found)
            if not bill.deviates:
                bill.document.is_posted = True
            if bill.holds_its_goods or not bill.deviates:
                for _, number, quantity, _ in bill.charges:
                    taken[number] += quantity

    def _judge_release(self, bill: Bill, found: dict[tuple[int, int, str], Decimal]) -> None:
        """End a release if less is received or agreed than then, and the invoice deviates by more."""
        now = {number: (self.line(number).received, self.line(number).price) for _, number, *_ in bill.charges}
        if not bill.grounds:
            bill.grounds, bill.accepted = now, found
        pairs = [(now[number], bill.grounds[number]) for number in now.keys() & bill.grounds.keys()]
        is_worse = any(less < more for each, known in pairs for less, more in zip(each, known, strict=True))
        if is_worse and any(place not in bill.accepted or bill.accepted[place] > left for place, left in found.items()):
            bill.is_released, bill.grounds, bill.accepted = False, {}, {}

    def _charges(self, bill: Bill, taken: dict[int, Decimal]) -> list[tuple[int, int, Decimal, Decimal]]:
        """Return which order lines a supplier invoice charges: the named one, else those at its price, else all."""
        left = {each.number: max(each.received - taken[each.number], ZERO) for each in self.lines}
        rest = [each.quantity for each in bill.lines]
        charges: dict[tuple[int, int], Decimal] = {}

        def take(position: int, number: int, quantity: Decimal) -> None:
            charges[position, number] = charges.get((position, number), ZERO) + quantity
            left[number] = max(left[number] - quantity, ZERO)
            rest[position] -= quantity

        for exact in (True, False):
            for position, each in enumerate(bill.lines):
                for number in self._lines_for(each, exact=exact):
                    take(position, number, rest[position] if each.line else min(rest[position], left[number]))
        for position, each in enumerate(bill.lines):
            take(position, self._last_line_for(each), rest[position])
        placed = sorted((place, quantity) for place, quantity in charges.items() if quantity)
        return [(position, number, part, bill.lines[position].price) for (position, number), part in placed]

    def _last_line_for(self, wanted: BillLine) -> int:
        return (self._lines_for(wanted, exact=True) or self._lines_for(wanted, exact=False))[-1]

    def _lines_for(self, wanted: BillLine, *, exact: bool) -> list[int]:
        if wanted.line is not None:
            return [wanted.line]
        of_item = [each for each in self.lines if each.sku == wanted.sku]
        return [each.number for each in of_item if not exact or each.price == wanted.price]

    def _deviations(self, bill: Bill, taken: dict[int, Decimal]) -> dict[tuple[int, int, str], Decimal]:
        """Return the allowed price or quantity of each charge that is above it."""
        before, found = dict(taken), {}
        for position, number, quantity, price in bill.charges:
            line = self.line(number)
            left = max(line.received - before[number], ZERO)
            if price > line.price:
                found[position, number, "price"] = line.price
            if quantity > left:
                found[position, number, "quantity"] = left
            before[number] += quantity
        return found

    def cleared(self) -> Decimal:
        """Return what posted supplier invoices clear of goods received not invoiced."""
        billed = {each.number: ZERO for each in self.lines}
        for bill in (each for each in self.bills if each.document.is_posted and not each.is_rejected):
            for _, number, quantity, _ in bill.charges:
                billed[number] += quantity
        return sum((self._cleared_of(self.line(number), quantity) for number, quantity in billed.items()), ZERO)

    def _cleared_of(self, line: PurchaseLine, billed: Decimal) -> Decimal:
        ahead = max(billed - line.received, ZERO)
        value = Fraction(net(line.received, line.price))
        arrived = value * Fraction(billed - ahead) / Fraction(line.received) if line.received else Fraction(0)
        return rounded(arrived + Fraction(ahead) * Fraction(line.price))
