"""Valuation of purchased goods: stock, the liability to the supplier and the resulting costs change together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from services.erp.ledger.domain.books import open_books
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.payables.domain.invoice_matching import ReceivedLine
from services.erp.payables.domain.three_way_matching import ReceivedGoods, include_receipts
from services.erp.valuation.domain.costing import CostingResult
from services.erp.valuation.domain.postings import post_goods_receipt, post_receipt_reversal, post_revaluation
from services.erp.valuation.domain.purchase_valuation import PurchaseValuation, Receipt, ReceiptLine
from services.erp.valuation.domain.stock_value import StockValue
from shared.domain import Aggregate, UnitOfWork, derived_id
from shared.money import Money


class Revaluation(NamedTuple):
    """Receipts whose value changed, and why: `cause` is the document of its postings."""

    kind: EntryKind
    cause: UUID
    receipts: Sequence[Receipt]


def price_revision(purchase: PurchaseValuation, revision: int, receipts: Sequence[Receipt]) -> Revaluation:
    """Return the revaluation of receipts by a revised price."""
    return Revaluation(EntryKind.PRICE_REVISED, derived_id("price-revision", purchase.id, revision), receipts)


def rounding(receipt_id: UUID, change: str, receipts: Sequence[Receipt]) -> Revaluation:
    """Return the revaluation of receipts by another one that was received or reversed: residual cents move."""
    return Revaluation(EntryKind.RECEIPT_REVALUED, derived_id("revaluation", receipt_id, change), receipts)


def queue_unpriced_receipt(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Keep a receipt until its prices are known; its movement numbers are reserved, so that it keeps its place."""
    arrivals: list[ReceiptLine] = []
    for each in receipt.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        place = stock.await_price(receipt.receipt_id, receipt.moment, each.quantity)
        arrivals.append(replace(each, movement_number=place))
        yield stock
    purchase.goods_received(replace(receipt, lines=tuple(arrivals)))
    yield purchase


def value_receipts(
    purchase: PurchaseValuation, new: Sequence[Receipt], revaluation: Revaluation, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Take new receipts into stock at the order price, and revalue others; match the supplier's invoices again."""
    for receipt in new:
        yield from _receive_into_stock(purchase, receipt, uow)
    yield from _revalue(purchase, revaluation, uow)
    received = [_received_goods(purchase, each, uow) for each in (*new, *revaluation.receipts)]
    if received:
        yield from include_receipts(purchase.purchase_order_id, received, uow)


def reverse_receipt(
    purchase: PurchaseValuation, receipt: Receipt, revaluation: Revaluation, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Reverse the value of a receipt: in stock value, postings and invoice matching; and revalue others."""
    costings: list[CostingResult] = []
    for sku in receipt.skus:
        stock = uow.get_or_create(StockValue, sku=sku, warehouse=receipt.warehouse)
        costings += stock.reverse_receipt(receipt.receipt_id)
        yield stock
    supplier_id, books = purchase.known_supplier_id, open_books(uow)
    yield from post_receipt_reversal(books, receipt.receipt_id, supplier_id, receipt.received_on, costings)
    yield from _revalue(purchase, revaluation, uow)
    left = [_received_goods(purchase, each, uow) for each in revaluation.receipts]
    gone = ReceivedGoods(receipt.receipt_id, receipt.received_on, ())
    yield from include_receipts(purchase.purchase_order_id, [gone, *left], uow)


def _receive_into_stock(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take the value of received goods into stock at the order price, as goods received not invoiced."""
    costings: list[CostingResult] = []
    for each in receipt.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        paid = purchase.cost_of(receipt, each)
        costings.append(stock.receive(receipt.receipt_id, receipt.moment, each.quantity, paid, each.movement_number))
        yield stock
    supplier_id, books = purchase.known_supplier_id, open_books(uow)
    yield from post_goods_receipt(books, receipt.receipt_id, supplier_id, receipt.received_on, costings)


def _revalue(purchase: PurchaseValuation, revaluation: Revaluation, uow: UnitOfWork) -> Iterator[Aggregate]:
    revalued = []
    for receipt in revaluation.receipts:
        costings: list[CostingResult] = []
        for sku in receipt.skus:
            stock = uow.get_or_create(StockValue, sku=sku, warehouse=receipt.warehouse)
            paid = [purchase.cost_of(receipt, each) for each in receipt.lines if each.sku == sku]
            costings += stock.reprice(receipt.receipt_id, paid)
            yield stock
        revalued.append((receipt.received_on, costings))
    if revalued:
        kind, cause, supplier_id = revaluation.kind, revaluation.cause, purchase.known_supplier_id
        yield from post_revaluation(open_books(uow), kind, cause, supplier_id, revalued)


def _received_goods(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> ReceivedGoods:
    """Return a receipt at its value in stock; goods without value count as zero."""
    parts = []
    for each in receipt.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        cost = purchase.cost_of(receipt, each)
        worth = cost if stock.currency == cost.currency else Money.zero(cost.currency)
        parts.append(ReceivedLine(each.line, each.quantity, worth))
    return ReceivedGoods(receipt.receipt_id, receipt.received_on, parts)
