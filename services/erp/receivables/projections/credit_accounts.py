"""Credit accounts of customers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.erp.receivables.domain.credit_account import CreditAccount, CreditAccountStatus
from shared.fields import SubjectId
from shared.money import Money
from shared.projections import ResourceProjection


class CreditAccounts(ResourceProjection):
    """Credit limit, exposure and held orders of each customer."""

    aggregate_class = CreditAccount
    version = 2
    columns = {
        "customer_id": SubjectId, "status": CreditAccountStatus, "exposure": Money | None,
        "prepaid": Money | None, "available": Money | None,
    }  # fmt: skip
    extra_fields = {"limit": Money | None, "held": [{"sales_order_id": UUID, "total": Money}]}

    @staticmethod
    def to_row(credit: CreditAccount) -> dict[str, Any]:
        return {
            "customer_id": credit.customer_id,
            "limit": credit.limit,
            "exposure": credit.exposure,
            "prepaid": credit.prepaid,
            "available": credit.available,
            "status": credit.status,
            "held": [{"sales_order_id": order_id, "total": total} for order_id, total in credit.held.items()],
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Only held orders can be released."""
        return () if row["held"] else ("release",)
