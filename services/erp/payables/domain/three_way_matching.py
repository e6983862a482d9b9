"""Three-way matching: a supplier invoice is owed as soon as it agrees with its orders and their receipts.

The invoices of an order are matched again whenever receipts or prices change, in the order in which they were recorded.
So the result does not depend on which event arrived first; where not all agree any more, the last ones are blocked.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.erp.ledger.domain.books import open_books
from services.erp.payables.domain.deviation import Deviation, ReleaseGround, Tolerances
from services.erp.payables.domain.invoice_matching import InvoiceMatching, ReceivedLine
from services.erp.payables.domain.line_match import AgreedLine
from services.erp.payables.domain.postings import post_clearing_adjustment, post_supplier_invoice
from services.erp.payables.domain.supplier_invoice import InvoicedOrderLine, SupplierInvoice
from services.erp.payables.domain.uninvoiced_goods import LineAllocation, UninvoicedGoods
from services.erp.payables.settings import PayablesSettings
from shared.domain import Aggregate, UnitOfWork


class Release(NamedTuple):
    """A person's decision to accept a blocked invoice."""

    invoice_id: UUID
    reason: str
    by: str


class ReceivedGoods(NamedTuple):
    """Goods of a receipt at their value in stock; no lines if the receipt was reversed."""

    receipt_id: UUID
    received_on: date
    lines: Sequence[ReceivedLine]


def match_new_invoice(
    invoice: SupplierInvoice, matchings: Sequence[InvoiceMatching], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Accept the invoice if it matches; else block it, with a reason per line, until goods arrive or prices change."""
    for each in matchings:
        each.add_pending_invoice(invoice.id)
    yield from MatchingRun(matchings, uow).run(invoice.billed_on)


def include_receipts(
    purchase_order_id: UUID, receipts: Sequence[ReceivedGoods], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Count receipts, each in place of what was counted for it before; match the invoices of the order again.

    The first receipt is the one that changed; the others are revalued with it.
    """
    matching = uow.get(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    for receipt_id, on, lines in receipts:
        cleared = matching.include_receipt(receipt_id, on, lines)
        yield from (matching, *post_clearing_adjustment(open_books(uow), matching, on, cleared))
    yield from MatchingRun([matching], uow).run(receipts[0].received_on)


def revise_prices(purchase_order_id: UUID, lines: tuple[AgreedLine, ...], uow: UnitOfWork) -> Iterator[Aggregate]:
    """Set revised prices, and match the invoices of the order again."""
    matching = uow.get(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    cleared = matching.revise_prices(lines, uow.effective_on)
    yield from (matching, *post_clearing_adjustment(open_books(uow), matching, uow.effective_on, cleared))
    yield from MatchingRun([matching], uow).run(uow.effective_on)


def release_invoice(invoice: SupplierInvoice, reason: str, by: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Accept the invoice on a person's decision. Raises the errors of `SupplierInvoice.require_releasable`."""
    invoice.require_releasable(by)
    release = Release(invoice.id, reason, by)
    yield from MatchingRun(matchings_of(invoice, uow), uow, release).run(uow.effective_on)


def match_reopened_invoice(invoice: SupplierInvoice, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Match the invoices of its orders again if only the payment or write-off now reversed held its goods."""
    if invoice.deviations:
        yield from MatchingRun(matchings_of(invoice, uow), uow).run(uow.effective_on)


def matchings_of(invoice: SupplierInvoice, uow: UnitOfWork) -> list[InvoiceMatching]:
    """Return the invoice matching of each of its orders."""
    return [uow.get(InvoiceMatching, InvoiceMatching.create_id(each)) for each in invoice.purchase_order_ids]


class MatchingRun:
    """Matches all invoices of some orders, and of the orders that share an undecided invoice with them."""

    def __init__(self, matchings: Iterable[InvoiceMatching], uow: UnitOfWork, release: Release | None = None) -> None:
        self._uow, self._release, self._books = uow, release, open_books(uow)
        settings = uow.get_settings(PayablesSettings)
        self._tolerances = Tolerances(settings.price_tolerance_percent, settings.quantity_tolerance_percent)
        self._matchings: dict[UUID, InvoiceMatching] = {}
        self._invoices: dict[UUID, SupplierInvoice] = {}
        for each in matchings:
            self._add(each)
        self._uninvoiced = {order: each.uninvoiced_goods() for order, each in self._matchings.items()}
        self._posted = {order: each.uninvoiced_goods() for order, each in self._matchings.items()}

    def _add(self, matching: InvoiceMatching) -> None:
        if matching.purchase_order_id in self._matchings:
            return
        self._matchings[matching.purchase_order_id] = matching
        for invoice_id in matching.invoice_ids:
            invoice = self._invoices[invoice_id] = self._uow.get(SupplierInvoice, invoice_id)
            if not invoice.is_settled_in_part:
                for each in matchings_of(invoice, self._uow):
                    self._add(each)

    def run(self, on: date) -> Iterator[Aggregate]:
        """Match each invoice; adjust what was cleared, as of this day, where other order lines are charged now."""
        for invoice in sorted(self._invoices.values(), key=lambda each: each.created_on):
            yield from self._match(invoice)
        for order, matching in self._matchings.items():
            cleared = matching.adjust_invoiced(on, self._posted[order].billed)
            yield from (matching, *post_clearing_adjustment(self._books, matching, on, cleared))
        for each in (*self._invoices.values(), *self._matchings.values()):
            self._uow.require_unchanged(each)

    def _match(self, invoice: SupplierInvoice) -> Iterator[Aggregate]:
        allocations = self._allocations(invoice)
        deviations = self._deviations(invoice, allocations)
        was_posted = invoice.is_posted
        self._decide(invoice, deviations, allocations)
        yield invoice
        if invoice.is_posted and not was_posted:
            yield from post_supplier_invoice(self._books, invoice)
        if invoice.holds_its_goods or not deviations:
            _take(self._uninvoiced, allocations)
        if invoice.is_posted:
            _take(self._posted, allocations)

    def _allocations(self, invoice: SupplierInvoice) -> dict[UUID, tuple[LineAllocation, ...]]:
        """Return which lines it charges of each order of this run."""
        orders = (each for each in invoice.purchase_order_ids if each in self._matchings)
        return {each: self._uninvoiced[each].allocate(tuple(invoice.lines_of(each))) for each in orders}

    def _deviations(
        self, invoice: SupplierInvoice, allocations: dict[UUID, tuple[LineAllocation, ...]]
    ) -> tuple[Deviation, ...]:
        """Return its deviations, in order of its lines; those of orders outside this run are as before."""
        found = [each for each in invoice.deviations if each.purchase_order_id not in self._matchings]
        tolerances = invoice.tolerances or self._tolerances
        for order, parts in allocations.items():
            lines, billed = tuple(invoice.lines_of(order)), self._uninvoiced[order].billed
            found += self._matchings[order].deviations(lines, parts, billed, tolerances)
        return tuple(sorted(found, key=lambda each: each.position))

    def _decide(
        self,
        invoice: SupplierInvoice,
        deviations: tuple[Deviation, ...],
        allocations: dict[UUID, tuple[LineAllocation, ...]],
    ) -> None:
        if self._release and self._release.invoice_id == invoice.id:
            parts = () if invoice.is_posted else self._include(invoice, allocations)
            if deviations:
                invoice.block(deviations)
            grounds = self._grounds(allocations)
            invoice.release(self._release.reason, self._release.by, parts, self._posting_day(invoice), grounds)
        elif invoice.released_by is not None:
            invoice.judge_release_again(deviations, self._grounds(allocations))
        elif deviations:
            invoice.block(deviations)
        elif invoice.is_posted:
            invoice.restore_match()
        else:
            invoice.match(self._include(invoice, allocations), self._tolerances, self._posting_day(invoice))

    def _grounds(self, allocations: dict[UUID, tuple[LineAllocation, ...]]) -> tuple[ReleaseGround, ...]:
        """Return what is received and agreed of the order lines that an invoice charges."""
        return tuple(
            each
            for order, parts in allocations.items()
            for each in self._matchings[order].grounds_of(part.line for part in parts)
        )

    def _include(
        self, invoice: SupplierInvoice, allocations: dict[UUID, tuple[LineAllocation, ...]]
    ) -> tuple[InvoicedOrderLine, ...]:
        return tuple(
            line
            for order, parts in allocations.items()
            for line in self._matchings[order].include_invoice(invoice.id, invoice.billed_on, parts)
        )

    def _posting_day(self, invoice: SupplierInvoice) -> date:
        return invoice.posted_on or self._books.posting_day(invoice.billed_on)


def _take(goods: dict[UUID, UninvoicedGoods], allocations: dict[UUID, tuple[LineAllocation, ...]]) -> None:
    for order, parts in allocations.items():
        goods[order].take(parts)
