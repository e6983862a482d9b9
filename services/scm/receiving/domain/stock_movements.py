"""Stock movements of receipts: received goods enter the stock, those of reversed receipts leave it."""

from collections.abc import Iterator

from services.scm.fulfilment.domain.reservation import record_allocations
from services.scm.items.domain.goods import BackorderAllocation, group_lines_by_sku, total
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from services.scm.warehousing.domain.count_corrections import correct_count_difference
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.domain import Aggregate, UnitOfWork


def put_away(receipt: GoodsReceipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Add received goods to stock and allocate them to backorders."""
    moment, shares = StockMoment(receipt.received_on, receipt.at), list[BackorderAllocation]()
    for sku, lines in group_lines_by_sku(receipt.lines).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from correct_count_difference(stock.count_including(moment), sku, -total(lines), uow)
        shares += stock.receive(receipt.id, total(lines), moment)
        yield stock
    yield from record_allocations(shares, uow)


def reverse_receipt(receipt: GoodsReceipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove the goods of a reversed receipt from stock. Raises StockNotAvailable if they were shipped or reserved."""
    for sku, lines in group_lines_by_sku(receipt.lines).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from correct_count_difference(stock.count_including_document(receipt.id), sku, total(lines), uow)
        stock.reverse_receipt(receipt.id, total(lines))
        yield stock
