"""Examples of suppliers."""

from typing import Any
from uuid import uuid4

from services.srm.service import Srm
from services.srm.suppliers.domain.supplier import Contact, Supplier
from shared.domain import PersonalData


def a_contact(name: str = "Charlotte Cooper") -> Contact:
    person = uuid4()
    return Contact(person, PersonalData(person, f"sealed {name}"))


def a_supplier(**agreed: Any) -> Supplier:
    return Supplier(**{"code": "EXOTIC", "name": "Exotic Liquids", "currency": "USD"} | agreed)


def register_supplier(service: Srm, code: str = "EXOTIC", **agreed: Any) -> Supplier:
    return service.suppliers.register(**{"code": code, "name": code.title(), "currency": "USD"} | agreed)
