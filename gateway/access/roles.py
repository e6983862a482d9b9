"""Roles of access keys; `gateway.routes` lists what each role may read and change."""

ADMIN = "admin"
SALES = "sales"
REPRESENTATIVE = "representative"
BUYER = "buyer"
WAREHOUSE = "warehouse"
ACCOUNTANT = "accountant"
HR = "hr"
AUDITOR = "auditor"

ROLES = (ADMIN, SALES, REPRESENTATIVE, BUYER, WAREHOUSE, ACCOUNTANT, HR, AUDITOR)

OWN_RECORDS_ONLY = frozenset({REPRESENTATIVE})
"""Roles that are limited to the caller's own records in every service."""
