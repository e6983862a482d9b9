"""How much each customer may owe, and owes."""

from typing import Any
from uuid import UUID

from services.erp.domain.credit_account import CreditAccount
from shared.money import Money
from shared.report import Collection


class CreditAccounts(Collection):
    """How much each customer may owe and owes, and which orders are held for it."""

    of = CreditAccount
    columns = {"customer_id": UUID, "status": str, "exposure": Money, "available": Money}
    shows = {"limit": Money, "held": [{"sales_order_id": UUID, "total": Money}]}

    @staticmethod
    def row(credit: CreditAccount) -> dict[str, Any]:
        return {
            "customer_id": credit.customer_id,
            "limit": credit.limit,
            "exposure": credit.exposure,
            "available": credit.available,
            "status": credit.status,
            "held": [{"sales_order_id": order_id, "total": total} for order_id, total in credit.held.items()],
        }
