"""Goods of SCM that a service knows because it received their events."""

from collections.abc import Iterable
from uuid import uuid4

from shared.contracts import scm
from shared.service import Service
from shared.testing.services import deliver


def receive_goods(service: Service, *, items: Iterable[str] = (), warehouses: Iterable[str] = ()) -> None:
    """Deliver the items and warehouses with these keys, as SCM publishes new ones; documents may name them then."""
    deliver(service, *(scm.ItemChanged(uuid4(), sku, sku, "piece", is_active=True) for sku in items))
    deliver(service, *(scm.WarehouseChanged(uuid4(), code, code, is_active=True) for code in warehouses))
