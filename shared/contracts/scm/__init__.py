"""Events of SCM: stock reserved, short, dispatched, received and counted: quantities, and the value of opening stock.

One file for each module that publishes; consumers import the package: `from shared.contracts import scm`.
"""

from shared.contracts.scm.fulfilment import (
    AmendmentAccepted,
    AmendmentRefused,
    CancellationGranted,
    CancellationRefused,
    OrderRejected,
    ShipmentDispatched,
    StockReserved,
    StockShort,
)
from shared.contracts.scm.items import GoodsLine
from shared.contracts.scm.opening_stock import OpeningGoods, OpeningStockRecorded, OpeningStockReversed
from shared.contracts.scm.receiving import GoodsReceiptReversed, GoodsReceived
from shared.contracts.scm.replenishment import PurchaseRequested
from shared.contracts.scm.warehousing import CountedGoods, StockCounted

__all__ = [
    "AmendmentAccepted",
    "AmendmentRefused",
    "CancellationGranted",
    "CancellationRefused",
    "CountedGoods",
    "GoodsLine",
    "GoodsReceiptReversed",
    "GoodsReceived",
    "OpeningGoods",
    "OpeningStockRecorded",
    "OpeningStockReversed",
    "OrderRejected",
    "PurchaseRequested",
    "ShipmentDispatched",
    "StockCounted",
    "StockReserved",
    "StockShort",
]
