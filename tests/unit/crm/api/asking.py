"""Somebody who asks CRM over its real app, and one good example of what is said to it."""

from pathlib import Path
from typing import Any

from services.crm.api.customers import customers
from services.crm.api.sales_orders import sales_orders
from services.crm.application import Crm
from shared.testing.services import opened
from shared.testing.web import Client, client_of

MARIA = {"name": "Maria Anders", "title": "Owner", "email": "maria@example.com", "phone": "030-0074321"}
BERLIN = {"kind": "billing", "street": "Obere Str. 57", "city": "Berlin", "postal_code": "12209", "country": "Germany"}


class Asking:
    """Commands and questions; a question sees everything said before it."""

    def __init__(self, folder: Path) -> None:
        self.service = opened(Crm, folder)
        self.client: Client = client_of(self.service, [customers, sales_orders])

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, version: int) -> Any:
        return self.client.patch(path, json=body, headers={"If-Match": f'"{version}"'})

    def get(self, path: str) -> Any:
        while self.service.read_models.advance():
            continue
        return self.client.get(path)


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def a_customer(**other: Any) -> dict[str, Any]:
    return {"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD", **other}


def an_order(customer_id: str, **other: Any) -> dict[str, Any]:
    bolts = {"sku": "BOLT-M8", "quantity": "10", "unit_price": usd("0.25")}
    nuts = {"sku": "NUT-M8", "quantity": "4", "unit_price": usd("1.10"), "discount_percent": "12.5"}
    return {"customer_id": customer_id, "currency": "USD", "lines": [bolts, nuts], **other}


def faults(answered: Any) -> dict[str, str]:
    """Pointer and code of everything a 422 names."""
    assert answered.status_code == 422, answered.text
    return {each["pointer"]: each["code"] for each in answered.json["errors"]}
