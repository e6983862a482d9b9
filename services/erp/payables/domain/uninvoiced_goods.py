"""Uninvoiced goods: which order lines a supplier invoice charges, and where it exceeds them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from services.erp.payables.domain.line_match import ZERO, OrderLineTotals
from services.erp.payables.domain.supplier_invoice import SupplierInvoiceLine

PlacedLine = tuple[int, SupplierInvoiceLine]
"""An invoice line with its position on the invoice."""


class LineAllocation(NamedTuple):
    """The part of an invoice line that is allocated to one line of the order."""

    position: int
    line: int
    quantity: Decimal


class UninvoicedGoods:
    """Goods of an order that are received and not invoiced, while its invoices are matched one after the other."""

    def __init__(self, totals: Mapping[int, OrderLineTotals]) -> None:
        self._totals = totals
        self._lines_by_sku: dict[str, list[int]] = defaultdict(list)
        for line, total in totals.items():
            self._lines_by_sku[total.agreed.sku].append(line)
        self.billed: dict[int, Decimal] = dict.fromkeys(totals, ZERO)

    def take(self, allocations: Iterable[LineAllocation]) -> None:
        """Count these goods as invoiced."""
        for each in allocations:
            self.billed[each.line] += each.quantity

    def allocate(self, lines: Sequence[PlacedLine]) -> tuple[LineAllocation, ...]:
        """Allocate invoice lines to order lines, in order of their positions.

        A line with a number is of that order line. The others take what is left of the order lines with exactly their
        price, then of all lines of their item, the first ones first; the rest is on the last of them.
        """
        left = {line: max(total.received - self.billed[line], ZERO) for line, total in self._totals.items()}
        rest = {position: each.quantity for position, each in lines}
        taken: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for position, each in lines:
            if each.line is not None:
                _take_part(taken, left, rest, position, each.line, rest[position])
        for find_lines in (self._lines_at_price, self._lines_of_item):
            for position, each in lines:
                for line in find_lines(each):
                    _take_part(taken, left, rest, position, line, min(rest[position], left[line]))
        for position, each in lines:
            last = (self._lines_at_price(each) or self._lines_of_item(each))[-1]
            _take_part(taken, left, rest, position, last, rest[position])
        return tuple(LineAllocation(*place, part) for place, part in sorted(taken.items()) if part)

    def _lines_of_item(self, invoiced: SupplierInvoiceLine) -> list[int]:
        return self._lines_by_sku[invoiced.sku]

    def _lines_at_price(self, invoiced: SupplierInvoiceLine) -> list[int]:
        of_item = self._lines_of_item(invoiced)
        return [line for line in of_item if self._totals[line].agreed.unit_price == invoiced.unit_price]


def _take_part(
    taken: dict[tuple[int, int], Decimal],
    left: dict[int, Decimal],
    rest: dict[int, Decimal],
    position: int,
    line: int,
    part: Decimal,
) -> None:
    taken[position, line] += part
    left[line] = max(left[line] - part, ZERO)
    rest[position] -= part
