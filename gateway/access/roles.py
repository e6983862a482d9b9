"""What a key may be for. What each role may do stands in `gateway.routes`, row by row."""

ADMIN = "admin"
SALES = "sales"
REPRESENTATIVE = "representative"
BUYER = "buyer"
WAREHOUSE = "warehouse"
ACCOUNTANT = "accountant"
HR = "hr"
AUDITOR = "auditor"

ROLES = (ADMIN, SALES, REPRESENTATIVE, BUYER, WAREHOUSE, ACCOUNTANT, HR, AUDITOR)

SEE_ONLY_OWN = frozenset({REPRESENTATIVE})
"""To these a service shows nothing but what is the caller's own, whatever they ask for."""
