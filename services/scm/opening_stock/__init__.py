"""Opening stock: records the goods, with their value, that were there before the first movement in the suite."""

from services.scm.opening_stock.api import opening_stock
from services.scm.opening_stock.commands import OpeningStocks
from services.scm.opening_stock.projections import OpeningStockList
from services.scm.opening_stock.published import published
from shared.module import Module

module = Module(
    "opening_stock",
    commands=OpeningStocks,
    published=published,
    projections=(OpeningStockList,),
    resources=(opening_stock,),
    requires=("items", "warehousing", "replenishment", "fulfilment"),
)
