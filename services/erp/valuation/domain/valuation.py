"""Valuation of purchased goods: stock, the liability to the supplier and the resulting costs change together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.erp.ledger.domain.books import open_books
from services.erp.payables.domain.invoice_matching import ReceivedLine
from services.erp.payables.domain.three_way_matching import include_receipt
from services.erp.valuation.domain.costing import CostingResult
from services.erp.valuation.domain.postings import post_goods_receipt, post_price_revision, post_receipt_reversal
from services.erp.valuation.domain.purchase_valuation import PurchaseValuation, Receipt, ReceiptLine
from services.erp.valuation.domain.stock_value import StockValue
from shared.domain import Aggregate, UnitOfWork, derived_id
from shared.money import Money


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


def receive_into_stock(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take the value of received goods into stock at the order price, as goods received not invoiced."""
    costings: list[CostingResult] = []
    for each in receipt.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        paid = purchase.cost_of(receipt, each)
        costings.append(stock.receive(receipt.receipt_id, receipt.moment, each.quantity, paid, each.movement_number))
        yield stock
    yield from post_goods_receipt(
        open_books(uow),
        receipt.receipt_id,
        purchase.known_supplier_id,
        receipt.received_on,
        costings,
    )
    yield from _include_in_matching(purchase, receipt, uow)


def reverse_receipt(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reverse the value of a receipt: in stock value, postings and invoice matching."""
    costings: list[CostingResult] = []
    for sku in receipt.skus:
        stock = uow.get_or_create(StockValue, sku=sku, warehouse=receipt.warehouse)
        costings += stock.reverse_receipt(receipt.receipt_id)
        yield stock
    yield from post_receipt_reversal(
        open_books(uow),
        receipt.receipt_id,
        purchase.known_supplier_id,
        receipt.received_on,
        costings,
    )
    yield from include_receipt(purchase.purchase_order_id, receipt.receipt_id, receipt.received_on, (), uow)


def revalue_receipts(
    purchase: PurchaseValuation, revision: int, receipts: Sequence[Receipt], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Revalue received goods at the revised prices of the order."""
    repriced = []
    for receipt in receipts:
        costings: list[CostingResult] = []
        for sku in receipt.skus:
            stock = uow.get_or_create(StockValue, sku=sku, warehouse=receipt.warehouse)
            paid = [purchase.cost_of(receipt, each) for each in receipt.lines if each.sku == sku]
            costings += stock.reprice(receipt.receipt_id, paid)
            yield stock
        repriced.append((receipt.received_on, costings))
    revision_id = derived_id("price-revision", purchase.id, revision)
    yield from post_price_revision(open_books(uow), revision_id, purchase.known_supplier_id, repriced)
    for receipt in receipts:
        yield from _include_in_matching(purchase, receipt, uow)


def _include_in_matching(purchase: PurchaseValuation, receipt: Receipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Count the receipt in invoice matching at its value in stock; goods without value count as zero."""
    parts = []
    for each in receipt.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        cost = purchase.cost_of(receipt, each)
        worth = cost if stock.currency == cost.currency else Money.zero(cost.currency)
        parts.append(ReceivedLine(each.line, each.quantity, worth))
    yield from include_receipt(purchase.purchase_order_id, receipt.receipt_id, receipt.received_on, parts, uow)
