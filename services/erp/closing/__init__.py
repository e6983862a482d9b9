"""Closing: what is checked before an accounting period is closed, and its closing."""

from services.erp.closing import api as api
from services.erp.closing.commands import Closing
from shared.module import Module

module = Module(
    "closing",
    commands=Closing,
    requires=("entities", "ledger", "payables", "valuation", "settlement"),
)
