"""Invoices."""

from services.erp.reports import Invoices
from shared.web import Resource

invoices = Resource("invoices", Invoices)
