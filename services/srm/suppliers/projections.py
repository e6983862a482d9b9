"""Projection of suppliers."""

from typing import Any
from uuid import UUID

from services.srm.suppliers.domain.supplier import Supplier
from shared.projections import ResourceProjection


class Suppliers(ResourceProjection):
    """All suppliers and their blocks; personal fields are stored encrypted."""

    aggregate_class = Supplier
    columns = {"code": str, "name": str, "currency": str, "payment_terms_days": int}
    search = ("code", "name")
    extra_fields = {
        "tax_id": str, "iban": str,
        "contacts": [{"id": UUID, "name": str, "title": str, "email": str, "phone": str}],
        "addresses": [dict.fromkeys(("kind", "street", "city", "region", "postal_code", "country"), str)],
        "blocks": [{"purpose": str, "reason": str, "by": str}],
    }  # fmt: skip

    @staticmethod
    def to_row(supplier: Supplier) -> dict[str, Any]:
        return {
            "code": supplier.code,
            "name": supplier.name,
            "currency": supplier.currency,
            "contacts": supplier.contacts,
            "addresses": supplier.addresses,
            "payment_terms_days": supplier.payment_terms_days,
            "tax_id": supplier.tax_id,
            "iban": supplier.iban,
            "blocks": [
                {"purpose": purpose, "reason": block.reason, "by": block.by}
                for purpose, block in sorted(supplier.blocks.items())
            ],
        }
