"""Examples of suppliers."""

from typing import Any
from uuid import uuid4

from services.srm.service import Srm
from services.srm.suppliers.commands import RegisterSupplier
from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier, SupplierEntry
from shared.domain import Contact, PersonalData

ORDERS, PAYMENTS = (BlockPurpose.ORDERS,), (BlockPurpose.PAYMENTS,)


def a_contact(name: str = "Charlotte Cooper") -> Contact:
    person = uuid4()
    return Contact(person, PersonalData(person, f"sealed {name}"))


def an_entry(**fields: Any) -> SupplierEntry:
    required = {"code": "EXOTIC", "name": "Exotic Liquids", "currency": "USD", "payment_terms_days": 30}
    return SupplierEntry(**required | fields)


def a_supplier(**fields: Any) -> Supplier:
    return Supplier(an_entry(**fields))


def register_supplier(service: Srm, code: str = "EXOTIC", **fields: Any) -> Supplier:
    requested = RegisterSupplier(**{"code": code, "name": code.title(), "currency": "USD"} | fields)
    return service.suppliers.suppliers.register(requested)


def block_orders(service: Srm, supplier: Supplier) -> None:
    service.suppliers.suppliers.block(supplier.id, ORDERS, "late again")
