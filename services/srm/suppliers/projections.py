"""Projection of suppliers."""

from typing import Any

from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier
from shared.contacts import SHOWN_ADDRESS, SHOWN_CONTACT
from shared.fields import Code, Currency, PersonalText
from shared.master_data import MasterProjection


class Suppliers(MasterProjection):
    """All suppliers and their blocks; personal fields are stored encrypted."""

    aggregate_class = Supplier
    columns = {"code": Code, "name": str, "currency": Currency, "payment_terms_days": int, "active": bool}
    search = ("code", "name")
    extra_fields = {
        "tax_id": PersonalText, "iban": PersonalText,
        "contacts": [SHOWN_CONTACT],
        "addresses": [SHOWN_ADDRESS],
        "blocks": [{"purpose": BlockPurpose, "reason": str, "by": str}],
    }  # fmt: skip

    @staticmethod
    def to_row(supplier: Supplier) -> dict[str, Any]:
        blocks = sorted(supplier.blocks.items())
        return {
            **MasterProjection.to_row(supplier),
            "blocks": [{"purpose": purpose, "reason": block.reason, "by": block.by} for purpose, block in blocks],
        }
