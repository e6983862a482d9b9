"""A caller of SRM over its real app, and an example of each request body."""

from pathlib import Path
from typing import Any

from services.srm.service import Srm
from shared.testing.services import open_service
from shared.testing.web import ApiCaller, usd
from tests.received import receive_goods

CHARLOTTE = {"name": "Charlotte Cooper", "title": "Purchasing Manager", "email": None, "phone": "(171) 555-2222"}
LONDON = {"kind": "billing", "street": "49 Gilbert St.", "city": "London", "postal_code": "EC1 4SD", "country": "GB"}


def open_srm(folder: Path) -> Srm:
    """Return SRM over new files; it knows the goods of the examples."""
    service = open_service(Srm, folder)
    receive_goods(service, items=("BOLT-M8", "NUT-M8"), warehouses=("MAIN",))
    return service


class SrmCaller(ApiCaller):
    """Caller of SRM over new files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(open_srm(folder), actor="anna")


def a_supplier(**other: Any) -> dict[str, Any]:
    return {"code": "1", "name": "Exotic Liquids", "currency": "USD", **other}


def an_item(supplier_id: str, **other: Any) -> dict[str, Any]:
    return {"supplier_id": supplier_id, "sku": "BOLT-M8", "unit_price": usd("0.18"), "lead_time_days": 5, **other}


def an_order(supplier_id: str, **other: Any) -> dict[str, Any]:
    bolts = {"sku": "BOLT-M8", "quantity": "100", "unit_price": usd("0.18")}
    return {"supplier_id": supplier_id, "currency": "USD", "warehouse": "MAIN", "lines": [bolts], **other}
