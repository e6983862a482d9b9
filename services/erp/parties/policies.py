"""Policies of parties: reactions to customers of CRM and suppliers of SRM."""

from collections.abc import Iterator

from services.erp.entities.domain.chart_of_accounts import PartyKind
from services.erp.parties.domain.party import Party
from shared.contracts import crm, srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(crm.CustomerRegistered)
def identify_customer(registered: crm.CustomerRegistered, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record code and name of a new customer."""
    name = registered.name or registered.code
    yield uow.get_or_create(
        Party, party_id=registered.customer_id, kind=PartyKind.CUSTOMER, code=registered.code, name=name
    )


@policies.when(crm.CustomerRenamed)
def rename_customer(renamed: crm.CustomerRenamed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take over the new name of a customer."""
    party = uow.get_or_create(
        Party, party_id=renamed.customer_id, kind=PartyKind.CUSTOMER, code=renamed.code, name=renamed.name
    )
    party.rename(renamed.name)
    yield party


@policies.when(srm.SupplierRegistered)
def identify_supplier(registered: srm.SupplierRegistered, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record code and name of a new supplier."""
    yield _supplier(registered, uow)


@policies.when(srm.SupplierRevised)
def rename_supplier(revised: srm.SupplierRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take over the name of a changed supplier."""
    party = _supplier(revised, uow)
    party.rename(revised.name or revised.code)
    yield party


def _supplier(known: srm.SupplierRegistered | srm.SupplierRevised, uow: UnitOfWork) -> Party:
    name = known.name or known.code
    return uow.get_or_create(Party, party_id=known.supplier_id, kind=PartyKind.SUPPLIER, code=known.code, name=name)
