"""Examples of customers."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.crm.customers.commands import RegisterCustomer
from services.crm.customers.domain.customer import Customer
from services.crm.service import Crm
from shared.contacts import Address
from shared.domain import AddressKind, Contact, PersonalData
from tests.unit.crm.caller import open_crm

BERLIN = Address(kind=AddressKind.BILLING, street="Obere Str. 57", city="Berlin", postal_code="12209", country="DE")


def encrypted(text: str, person: UUID) -> PersonalData:
    return PersonalData(person, f"sealed {text}")


def a_contact(name: str = "Maria Anders") -> Contact:
    person = uuid4()
    return Contact(person, encrypted(name, person), email=encrypted("maria@example.com", person))


def a_customer(**agreed: Any) -> Customer:
    return Customer(**{"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD"} | agreed)


def a_registration(**other: Any) -> RegisterCustomer:
    return RegisterCustomer(**{"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD"} | other)


def open_with_customer(folder: Path, **agreed: Any) -> tuple[Crm, Customer]:
    """Return CRM over new files, with one customer."""
    service = open_crm(folder)
    return service, service.customers.register(a_registration(**agreed))
