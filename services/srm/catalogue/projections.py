"""Projection of supplier items."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.srm.catalogue.domain.supplier_item import SupplierItem
from shared.money import Money, plain_number
from shared.projections import ResourceProjection


class SupplierItems(ResourceProjection):
    """All catalogue entries; of a supplier's entries for an item, the newest valid on a day applies."""

    aggregate_class = SupplierItem
    columns = {
        "supplier_id": UUID, "sku": str, "unit_price": Money, "lead_time_days": int, "valid_from": date,
        "valid_to": date,
    }  # fmt: skip
    search = ("sku",)
    extra_fields = {"minimum_quantity": Decimal, "multiple": Decimal}

    @staticmethod
    def to_row(item: SupplierItem) -> dict[str, Any]:
        terms = item.terms
        return {
            "supplier_id": item.supplier_id,
            "sku": item.sku,
            "unit_price": terms.unit_price,
            "lead_time_days": terms.lead_time_days,
            "minimum_quantity": _quantity(terms.minimum_quantity),
            "multiple": _quantity(terms.multiple),
            "valid_from": terms.valid_from,
            "valid_to": terms.valid_to,
        }


def _quantity(number: Decimal | None) -> str | None:
    return None if number is None else plain_number(number)
