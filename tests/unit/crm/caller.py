"""A caller of CRM over its real app, and an example of each request body."""

from pathlib import Path
from typing import Any

from services.crm.service import Crm
from shared.testing.services import open_service
from shared.testing.web import ApiCaller, usd
from tests.received import receive_goods

MARIA = {"name": "Maria Anders", "title": "Owner", "email": "maria@example.com", "phone": "030-0074321"}
BERLIN = {"kind": "billing", "street": "Obere Str. 57", "city": "Berlin", "postal_code": "12209", "country": "DE"}


def open_crm(folder: Path) -> Crm:
    """Return CRM over new files; it knows the goods of the examples."""
    service = open_service(Crm, folder)
    receive_goods(service, items=("BOLT-M8", "NUT-M8"), warehouses=("MAIN",))
    return service


class CrmCaller(ApiCaller):
    """Caller of CRM over new files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(open_crm(folder))


def a_customer(**other: Any) -> dict[str, Any]:
    return {"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD", **other}


def an_order(customer_id: str, **other: Any) -> dict[str, Any]:
    bolts = {"sku": "BOLT-M8", "quantity": "10", "unit_price": usd("0.25")}
    nuts = {"sku": "NUT-M8", "quantity": "4", "unit_price": usd("1.10"), "discount_percent": "12.5"}
    return {"customer_id": customer_id, "currency": "USD", "lines": [bolts, nuts], **other}
