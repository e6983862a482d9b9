"""Payments received and made."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.settlement.domain.payment import Direction, Payment, PaymentDetails, Status
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.money import Money
from shared.projections import ResourceProjection


class Payments(ResourceProjection):
    """Payments received and made, their allocations, and the part that is a customer's credit."""

    aggregate_class = Payment
    columns = {
        "direction": Direction,
        "status": Status,
        "party_id": UUID,
        "paid_on": date,
        "posted_on": date,
        **columns_of(PaymentDetails),
        "amount": Money,
        "unallocated": Money,
    }
    extra_fields = {
        "allocations": [{"document_id": UUID, "amount": Money}], "reversed_on": date | None,
        "reason": str | None,
        **extra_fields_of(PaymentDetails),
    }  # fmt: skip

    @staticmethod
    def to_row(payment: Payment) -> dict[str, Any]:
        return {
            "direction": payment.direction,
            "status": payment.status,
            "party_id": payment.party_id,
            "paid_on": payment.paid_on,
            "posted_on": payment.posted_on,
            "amount": payment.amount,
            "allocations": [{"document_id": each.document_id, "amount": each.amount} for each in payment.allocations],
            "unallocated": payment.unallocated,
            "reversed_on": payment.reversed_on,
            "reason": payment.reason,
            **row_of(payment.details),
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Nothing can be allocated from a payment that is allocated in full; an outgoing one always is."""
        nothing_left = () if Decimal(row["unallocated"]["amount"]) else ("allocate",)
        can_deallocate = row["direction"] == Direction.IN and row["allocations"]
        return nothing_left if can_deallocate else (*nothing_left, "deallocate")
