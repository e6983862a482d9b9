"""Documents that are owed, and what settles them, each on its day."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO

BUCKETS = (("current", 0), ("days_1_30", 30), ("days_31_60", 60), ("days_61_90", 90))


@dataclass
class Document:
    """An invoice, a supplier invoice or an open item; `settlements` are the amounts by day, those undone negative."""

    id: str
    party: str
    side: str
    day: date
    due_on: date
    amount: Decimal
    settlements: list[tuple[date, Decimal]] = field(default_factory=list)
    written_off: Decimal = ZERO
    is_item: bool = False
    is_posted: bool = True
    reversed_on: date | None = None

    @property
    def open(self) -> Decimal:
        return self.open_as_of(date.max)

    def open_as_of(self, day: date) -> Decimal:
        """Return what is open at the end of a day; credit is negative."""
        is_there = self.is_posted and self.day <= day and (self.reversed_on is None or self.reversed_on > day)
        return self.amount - sum((amount for on, amount in self.settlements if on <= day), ZERO) if is_there else ZERO

    @property
    def settled(self) -> Decimal:
        return sum((amount for _, amount in self.settlements), ZERO)

    @property
    def last_day(self) -> date:
        """The last day on which it was settled or opened again, else its own."""
        return max([self.day, *(on for on, _ in self.settlements)])

    @property
    def item_status(self) -> str:
        if self.reversed_on is not None:
            return "reversed"
        return "paid" if not self.open else "part_paid" if self.settled else "open"

    def bucket(self, day: date) -> str:
        overdue = (day - self.due_on).days
        return next((name for name, until in BUCKETS if overdue <= until), "days_over_90")


@dataclass
class Credit:
    """A payment, or an open item that is credit: what of it settles which documents."""

    id: str
    party: str
    side: str
    day: date
    amount: Decimal
    parts: list[tuple[date, Document, Decimal]] = field(default_factory=list)
    reversed_on: date | None = None
    is_payment: bool = True
    due_on: date | None = None

    @property
    def unallocated(self) -> Decimal:
        return ZERO if self.reversed_on else self.amount - self.allocated_as_of(date.max)

    def allocated_as_of(self, day: date) -> Decimal:
        return sum((amount for on, _, amount in self.parts if on <= day), ZERO)

    def credit_as_of(self, day: date) -> Decimal:
        """Return what is left of it at the end of a day."""
        if self.day > day or (self.reversed_on is not None and self.reversed_on <= day):
            return ZERO
        return self.amount - self.allocated_as_of(day)

    @property
    def documents(self) -> list[Document]:
        """The documents that it settles now."""
        ids = {document.id: document for _, document, _ in self.parts}
        return [each for each in ids.values() if self.part_of(each)]

    def part_of(self, document: Document) -> Decimal:
        return sum((amount for _, each, amount in self.parts if each.id == document.id), ZERO)

    @property
    def last_day(self) -> date:
        return max([self.day, *(on for on, _, _ in self.parts)])

    def settle(self, document: Document, amount: Decimal, on: date) -> None:
        """Settle a part of a document, or undo it with a negative amount."""
        self.parts.append((on, document, amount))
        document.settlements.append((on, amount))

    def undo(self, on: date) -> None:
        for document in self.documents:
            document.settlements.append((on, -self.part_of(document)))
        self.reversed_on = on
