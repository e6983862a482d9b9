"""Policies of valuation: reactions to purchase orders of SRM and to movements of goods of SCM."""

from collections.abc import Iterable, Iterator

from services.erp.ledger.domain.books import open_books
from services.erp.valuation.domain.costing import CostingResult
from services.erp.valuation.domain.moving_average import MovementMoment
from services.erp.valuation.domain.postings import (
    post_cost_of_goods,
    post_opening_stock,
    post_opening_stock_reversal,
    post_stock_count,
)
from services.erp.valuation.domain.purchase_valuation import AgreedPrice, PurchaseValuation, Receipt, ReceiptLine
from services.erp.valuation.domain.stock_value import StockValue
from services.erp.valuation.domain.valuation import (
    price_revision,
    queue_unpriced_receipt,
    reverse_receipt,
    rounding,
    value_receipts,
)
from shared.contracts import scm, srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(srm.PurchaseOrderSent)
def record_purchase_prices(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the agreed prices; value goods that were received before their prices were known."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=sent.purchase_order_id)
    waiting = purchase.order_sent(sent.supplier_id, _prices(sent.lines))
    yield from (purchase, *value_receipts(purchase, waiting, price_revision(purchase, 0, ()), uow))


@policies.when(srm.PurchaseOrderRevised)
def revalue_at_revised_prices(revised: srm.PurchaseOrderRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Revalue stock and cost of goods sold at the revised prices; value goods that waited for a price."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=revised.purchase_order_id)
    waiting, revalued = purchase.order_revised(revised.revision, _prices(revised.lines))
    revaluation = price_revision(purchase, revised.revision, revalued)
    yield from (purchase, *value_receipts(purchase, waiting, revaluation, uow))


@policies.when(scm.GoodsReceived)
def value_receipt(received: scm.GoodsReceived, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take received goods into stock at the order price, or queue them until it is known."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=received.purchase_order_id)
    arrivals = tuple(ReceiptLine(each.line, each.sku, each.quantity) for each in received.lines)
    receipt = Receipt(received.receipt_id, received.warehouse, received.received_on, received.at, arrivals)
    if purchase.has_prices_for(receipt):
        revaluation = rounding(receipt.receipt_id, "received", purchase.goods_received(receipt))
        yield from (purchase, *value_receipts(purchase, [receipt], revaluation, uow))
    else:
        yield from queue_unpriced_receipt(purchase, receipt, uow)


@policies.when(scm.GoodsReceiptReversed)
def reverse_receipt_value(reversed_: scm.GoodsReceiptReversed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reverse the receipt in stock value, goods received not invoiced and cost of goods sold."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=reversed_.purchase_order_id)
    receipt, revalued = purchase.receipt_reversed(reversed_.receipt_id)
    yield purchase
    if receipt is not None:
        revaluation = rounding(receipt.receipt_id, "reversed", revalued)
        yield from reverse_receipt(purchase, receipt, revaluation, uow)


@policies.when(scm.OpeningStockRecorded)
def value_opening_stock(recorded: scm.OpeningStockRecorded, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take opening stock into stock at its value, before all movements of its day, against opening balances."""
    opening, on, costings = recorded.opening_stock_id, recorded.opened_on, []
    for each in recorded.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=recorded.warehouse)
        costings.append(stock.add_opening_stock(opening, on, each.quantity, each.value))
        yield stock
    yield from post_opening_stock(open_books(uow), opening, on, costings)


@policies.when(scm.OpeningStockReversed)
def reverse_opening_stock_value(reversed_: scm.OpeningStockReversed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reverse an opening stock in stock value, opening balances and cost of goods sold."""
    opening, on, costings = reversed_.opening_stock_id, reversed_.opened_on, list[CostingResult]()
    for each in reversed_.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=reversed_.warehouse)
        costings += stock.reverse_opening_stock(opening)
        yield stock
    yield from post_opening_stock_reversal(open_books(uow), opening, on, costings)


@policies.when(scm.ShipmentDispatched)
def post_cost_of_shipment(dispatched: scm.ShipmentDispatched, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take dispatched goods out of stock and post their cost."""
    shipment, moment = dispatched.shipment_id, MovementMoment(dispatched.dispatched_on, dispatched.at)
    costings = []
    for each in dispatched.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=dispatched.warehouse)
        costings.append(stock.issue(shipment, moment, each.quantity))
        yield stock
    yield from post_cost_of_goods(open_books(uow), shipment, moment.on, costings)


@policies.when(scm.StockCounted)
def value_stock_count(counted: scm.StockCounted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Value the differences of a stock count: missing goods are a cost, surplus goods enter at average cost."""
    moment, costings = MovementMoment(counted.counted_on, counted.at), []
    for each in counted.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=counted.warehouse)
        costings.append(stock.count(counted.count_id, moment, each.quantity))
        yield stock
    yield from post_stock_count(open_books(uow), counted.count_id, counted.counted_on, costings)


def _prices(lines: Iterable[srm.PurchaseLine]) -> tuple[AgreedPrice, ...]:
    return tuple(AgreedPrice(each.line, each.unit_price, each.sku, each.quantity) for each in lines)
