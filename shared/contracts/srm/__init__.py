"""Events of SRM: suppliers and purchase orders.

One file for each module that publishes; consumers import the package: `from shared.contracts import srm`.
"""

from shared.contracts.srm.purchase_orders import (
    PurchaseLine,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderRevised,
    PurchaseOrderSent,
)
from shared.contracts.srm.requisitions import PurchaseRequestCancelled
from shared.contracts.srm.suppliers import SupplierBlocked, SupplierRegistered, SupplierRevised, SupplierUnblocked

__all__ = [
    "PurchaseLine",
    "PurchaseOrderCancelled",
    "PurchaseOrderClosed",
    "PurchaseOrderRevised",
    "PurchaseOrderSent",
    "PurchaseRequestCancelled",
    "SupplierBlocked",
    "SupplierRegistered",
    "SupplierRevised",
    "SupplierUnblocked",
]
