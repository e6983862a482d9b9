"""Events of SCM: items, units, warehouses, and stock reserved, short, dispatched, received and counted.

None carries money but opening stock, which has the value that it is entered with.

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
from shared.contracts.scm.items import GoodsLine, ItemChanged, UnitChanged
from shared.contracts.scm.opening_stock import OpeningGoods, OpeningStockRecorded, OpeningStockReversed
from shared.contracts.scm.receiving import GoodsReceiptReversed, GoodsReceived
from shared.contracts.scm.replenishment import PurchaseRequested
from shared.contracts.scm.warehousing import CountedGoods, StockCounted, WarehouseChanged

__all__ = [
    "AmendmentAccepted",
    "AmendmentRefused",
    "CancellationGranted",
    "CancellationRefused",
    "CountedGoods",
    "GoodsLine",
    "GoodsReceiptReversed",
    "GoodsReceived",
    "ItemChanged",
    "OpeningGoods",
    "OpeningStockRecorded",
    "OpeningStockReversed",
    "OrderRejected",
    "PurchaseRequested",
    "ShipmentDispatched",
    "StockCounted",
    "StockReserved",
    "StockShort",
    "UnitChanged",
    "WarehouseChanged",
]
