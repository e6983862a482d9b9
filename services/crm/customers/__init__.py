"""Customers: who may order, on which terms, and who is responsible for them."""

from services.crm.customers import projections
from services.crm.customers.api import customers
from services.crm.customers.commands import Customers
from services.crm.customers.published import published
from services.crm.customers.settings import CustomersSettings
from shared.module import Module

module = Module(
    "customers",
    commands=Customers,
    published=published,
    projections=(projections.Customers,),
    resources=(customers,),
    settings=CustomersSettings,
)
