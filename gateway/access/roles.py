"""What a key may be for. What each role may do stands in `gateway.routes`, row by row."""

ADMIN = "admin"
SALES = "sales"
BUYER = "buyer"
WAREHOUSE = "warehouse"
ACCOUNTANT = "accountant"
HR = "hr"
AUDITOR = "auditor"

ROLES = (ADMIN, SALES, BUYER, WAREHOUSE, ACCOUNTANT, HR, AUDITOR)
