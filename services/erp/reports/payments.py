"""All payments."""

from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.payment import Payment
from shared.money import Money
from shared.report import Collection


class Payments(Collection):
    """Money that came in or went out, what it settled, and what of it is a customer's credit."""

    of = Payment
    columns = {
        "direction": str,
        "status": str,
        "party_id": UUID,
        "paid_on": date,
        "amount": Money,
        "unallocated": Money,
    }
    shows = {"allocations": [{"document_id": UUID, "amount": Money}], "reversed_on": date, "reason": str}

    @staticmethod
    def row(payment: Payment) -> dict[str, Any]:
        return {
            "direction": payment.direction,
            "status": payment.status,
            "party_id": payment.party_id,
            "paid_on": payment.paid_on,
            "amount": payment.amount,
            "allocations": [{"document_id": each.document_id, "amount": each.amount} for each in payment.allocations],
            "unallocated": payment.unallocated,
            "reversed_on": payment.reversed_on,
            "reason": payment.reason,
        }
