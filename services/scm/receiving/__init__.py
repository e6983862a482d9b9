"""Receiving: expects the deliveries of purchase orders, and records and reverses goods receipts."""

from services.scm.receiving.api import goods_receipts
from services.scm.receiving.commands import Receiving
from services.scm.receiving.policies import policies
from services.scm.receiving.projections import GoodsReceipts
from services.scm.receiving.published import published
from services.scm.receiving.settings import ReceivingSettings
from shared.module import Module

module = Module(
    "receiving",
    commands=Receiving,
    policies=policies,
    published=published,
    projections=(GoodsReceipts,),
    resources=(goods_receipts,),
    settings=ReceivingSettings,
    requires=("items", "warehousing", "replenishment", "fulfilment"),
)
