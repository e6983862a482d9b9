"""Events of CRM: customers and their sales orders.

One file for each module that publishes; consumers import the package: `from shared.contracts import crm`.
"""

from shared.contracts.crm.customers import CustomerRegistered, CustomerRenamed, CustomerTermsChanged
from shared.contracts.crm.sales_orders import (
    OrderLine,
    SalesOrderAmendmentRequested,
    SalesOrderCancellationRequested,
    SalesOrderPlaced,
)

__all__ = [
    "CustomerRegistered",
    "CustomerRenamed",
    "CustomerTermsChanged",
    "OrderLine",
    "SalesOrderAmendmentRequested",
    "SalesOrderCancellationRequested",
    "SalesOrderPlaced",
]
