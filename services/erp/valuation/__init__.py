"""Valuation: stock value at moving average cost, and the cost of goods sold."""

from services.erp.valuation.api import stock_value_statements
from services.erp.valuation.policies import policies
from services.erp.valuation.projections import StockQuantities, StockValueChanges
from shared.module import Module

module = Module(
    "valuation",
    policies=policies,
    projections=(StockValueChanges, StockQuantities),
    resources=(stock_value_statements,),
    requires=("entities", "ledger", "payables"),
)
