"""How goods bought come into the books: stock, what is owed for them and the costs that follow change together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.erp.domain.accounting_periods import AccountingPeriods
from services.erp.domain.bookings import book_price_revision, book_receipt, book_receipt_reversed
from services.erp.domain.costing import Costing
from services.erp.domain.invoice_matching import ReceivedLine
from services.erp.domain.purchase_valuation import PurchaseValuation, Receipt, ReceiptLine
from services.erp.domain.stock_value import StockValue
from services.erp.domain.three_way_match import count_receipt
from shared.domain import Aggregate, Find, derived_id
from shared.money import Money


def await_prices(purchase: PurchaseValuation, receipt: Receipt, find: Find) -> Iterator[Aggregate]:
    """Goods whose price nobody has told yet keep their place among the movements of their stock."""
    arrivals: list[ReceiptLine] = []
    for each in receipt.lines:
        stock = find(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        place = stock.announce(receipt.receipt_id, receipt.received_on, each.quantity)
        arrivals.append(replace(each, movement_number=place))
        yield stock
    purchase.goods_received(replace(receipt, lines=tuple(arrivals)))
    yield purchase


def take_in(purchase: PurchaseValuation, receipt: Receipt, find: Find) -> Iterator[Aggregate]:
    """Goods are in stock at the order price, owed to the supplier until the bill comes."""
    costings: list[Costing] = []
    for each in receipt.lines:
        stock = find(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        paid = purchase.cost_of(receipt, each)
        costings.append(
            stock.receive(receipt.receipt_id, receipt.received_on, each.quantity, paid, each.movement_number)
        )
        yield stock
    yield from book_receipt(
        find(AccountingPeriods), receipt.receipt_id, purchase.supplier, receipt.received_on, costings
    )
    yield from _match(purchase, receipt, find)


def take_back(purchase: PurchaseValuation, receipt: Receipt, find: Find) -> Iterator[Aggregate]:
    """The goods were never there."""
    costings: list[Costing] = []
    for sku in receipt.skus:
        stock = find(StockValue, sku=sku, warehouse=receipt.warehouse)
        costings += stock.take_back(receipt.receipt_id)
        yield stock
    yield from book_receipt_reversed(
        find(AccountingPeriods), receipt.receipt_id, purchase.supplier, receipt.received_on, costings
    )
    yield from count_receipt(purchase.purchase_order_id, receipt, (), find)


def revalue(purchase: PurchaseValuation, revision: int, receipts: Sequence[Receipt], find: Find) -> Iterator[Aggregate]:
    """Goods that are here already cost what the revised order says."""
    repriced = []
    for receipt in receipts:
        costings: list[Costing] = []
        for sku in receipt.skus:
            stock = find(StockValue, sku=sku, warehouse=receipt.warehouse)
            paid = [purchase.cost_of(receipt, each) for each in receipt.lines if each.sku == sku]
            costings += stock.reprice(receipt.receipt_id, paid)
            yield stock
        repriced.append((receipt.received_on, costings))
    revision_id = derived_id("price-revision", purchase.id, revision)
    yield from book_price_revision(find(AccountingPeriods), revision_id, purchase.supplier, repriced)
    for receipt in receipts:
        yield from _match(purchase, receipt, find)


def _match(purchase: PurchaseValuation, receipt: Receipt, find: Find) -> Iterator[Aggregate]:
    """What came may be billed at what it was taken in for; goods left without value are not owed for."""
    parts = []
    for each in receipt.lines:
        stock = find(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        cost = purchase.cost_of(receipt, each)
        worth = cost if stock.currency == cost.currency else Money.zero(cost.currency)
        parts.append(ReceivedLine(each.line, each.quantity, worth))
    yield from count_receipt(purchase.purchase_order_id, receipt, parts, find)
