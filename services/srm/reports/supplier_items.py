"""What suppliers offer."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.srm.domain.supplier_item import SupplierItem
from shared.money import Money, plain
from shared.report import Collection


class SupplierItems(Collection):
    """All catalogue entries; of a supplier's entries for an item, the newest that holds on a day counts."""

    of = SupplierItem
    columns = {
        "supplier_id": UUID, "sku": str, "unit_price": Money, "lead_time_days": int, "valid_from": date,
        "valid_to": date,
    }  # fmt: skip
    search = ("sku",)
    shows = {"minimum_quantity": Decimal, "multiple": Decimal}

    @staticmethod
    def row(listed: SupplierItem) -> dict[str, Any]:
        terms = listed.terms
        return {
            "supplier_id": listed.supplier_id,
            "sku": listed.sku,
            "unit_price": terms.unit_price,
            "lead_time_days": terms.lead_time_days,
            "minimum_quantity": _quantity(terms.minimum_quantity),
            "multiple": _quantity(terms.multiple),
            "valid_from": terms.valid_from,
            "valid_to": terms.valid_to,
        }


def _quantity(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
