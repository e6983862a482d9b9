"""Stock: shows the stock of each item in each warehouse; it only reads what the other modules record."""

from services.scm.stock.api import stock
from services.scm.stock.projections import Stock, StockByDay, StockQuantities
from shared.module import Module

module = Module(
    "stock",
    projections=(Stock, StockByDay, StockQuantities),
    resources=(stock,),
    requires=("items", "warehousing", "receiving"),
)
