"""Events of suppliers that other services receive."""

from services.srm.suppliers.domain.supplier import Supplier
from shared.contracts import fill_contract, srm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Supplier.Registered)
def supplier_registered(registered: Supplier.Registered, supplier: Supplier) -> srm.SupplierRegistered:
    """Publish a new supplier and its payment terms."""
    return fill_contract(srm.SupplierRegistered, registered.entry, supplier_id=supplier.id)


@published.after(Supplier.Revised)
def supplier_revised(revised: Supplier.Revised, supplier: Supplier) -> srm.SupplierRevised:
    """Publish the payment terms of a changed supplier."""
    return fill_contract(srm.SupplierRevised, revised.entry, supplier_id=supplier.id)


@published.after(Supplier.Blocked)
def supplier_blocked(blocked: Supplier.Blocked, supplier: Supplier) -> srm.SupplierBlocked:
    """Publish what the supplier is blocked for, and why."""
    return srm.SupplierBlocked(supplier.id, tuple(map(str, blocked.purposes)), blocked.reason)


@published.after(Supplier.Unblocked)
def supplier_unblocked(unblocked: Supplier.Unblocked, supplier: Supplier) -> srm.SupplierUnblocked:
    """Publish what the supplier is no longer blocked for."""
    return srm.SupplierUnblocked(supplier.id, tuple(map(str, unblocked.purposes)))
