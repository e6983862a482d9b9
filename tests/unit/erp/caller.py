"""Client of the real app of ERP, and what its tests send."""

from pathlib import Path
from typing import Any

from services.erp.service import Erp
from shared.testing.services import catch_up, deliver
from shared.testing.web import Client, create_client, usd
from tests.unit.erp.examples import CUSTOMER, a_shipment, an_erp, an_order, receive_stock


def create_erp_client(service: Erp, actor: str = "margaret") -> Client:
    """Return a client whose queries include all earlier events."""
    return create_client(catch_up(service), actor=actor)


def sold(folder: Path) -> Erp:
    """Ten bought for 12.00, four sold for 20.00 less 15 % with 5.00 freight."""
    service = an_erp(folder, limit="1000.00")
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"), freight="5.00", discount=15)
    deliver(service, order, a_shipment(order))
    return service


def an_invoice(client: Client) -> dict[str, Any]:
    (invoice,) = client.get("/invoices").json["data"]
    found: dict[str, Any] = invoice
    return found


def a_payment(invoice: dict[str, Any], paid: str = "73.00", **other: Any) -> dict[str, Any]:
    return {
        "direction": "in",
        "party_id": str(CUSTOMER),
        "paid_on": "2026-03-09",
        "amount": usd(paid),
        "allocations": [{"document_id": invoice["id"], "amount": usd(paid)}],
        **other,
    }
