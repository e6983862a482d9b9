"""Counting: records what people counted in a warehouse."""

from services.scm.counting.api import stock_counts
from services.scm.counting.commands import Counting
from services.scm.counting.projections import StockCounts
from shared.module import Module

module = Module(
    "counting",
    commands=Counting,
    projections=(StockCounts,),
    resources=(stock_counts,),
    requires=("items", "warehousing", "replenishment", "fulfilment"),
)
