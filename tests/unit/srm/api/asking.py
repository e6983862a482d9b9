"""Somebody who asks SRM over its real app, and one good example of what is said to it."""

from pathlib import Path
from typing import Any

from services.srm.api.purchase_orders import purchase_orders
from services.srm.api.purchase_requests import purchase_requests
from services.srm.api.supplier_items import supplier_items
from services.srm.api.suppliers import suppliers
from services.srm.application import Srm
from shared.testing.services import opened
from shared.testing.web import Client, client_of

CHARLOTTE = {"name": "Charlotte Cooper", "title": "Purchasing Manager", "email": None, "phone": "(171) 555-2222"}
LONDON = {"kind": "billing", "street": "49 Gilbert St.", "city": "London", "postal_code": "EC1 4SD", "country": "UK"}


class Asking:
    """Commands and questions; a question sees everything said before it."""

    def __init__(self, folder: Path) -> None:
        self.service = opened(Srm, folder)
        resources = [suppliers, supplier_items, purchase_orders, purchase_requests]
        self.client: Client = client_of(self.service, resources, actor="anna")

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(path, json=body, headers=headers)

    def get(self, path: str) -> Any:
        while self.service.read_models.advance():
            continue
        return self.client.get(path)


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def a_supplier(**other: Any) -> dict[str, Any]:
    return {"code": "1", "name": "Exotic Liquids", "currency": "USD", **other}


def an_item(supplier_id: str, **other: Any) -> dict[str, Any]:
    return {"supplier_id": supplier_id, "sku": "BOLT-M8", "unit_price": usd("0.18"), "lead_time_days": 5, **other}


def an_order(supplier_id: str, **other: Any) -> dict[str, Any]:
    bolts = {"sku": "BOLT-M8", "quantity": "100", "unit_price": usd("0.18")}
    return {"supplier_id": supplier_id, "currency": "USD", "warehouse": "MAIN", "lines": [bolts], **other}


def faults(answered: Any) -> dict[str, str]:
    """Pointer and code of everything a 422 names."""
    assert answered.status_code == 422, answered.text
    return {each["pointer"]: each["code"] for each in answered.json["errors"]}
