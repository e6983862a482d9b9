"""Projection of carriers."""

from typing import Any

from services.scm.shipping.domain.carrier import Carrier
from shared.projections import ResourceProjection


class Carriers(ResourceProjection):
    """All carriers."""

    aggregate_class = Carrier
    columns = {"code": str, "name": str}
    search = ("code", "name")
    extra_fields = {"phone": str}

    @staticmethod
    def to_row(carrier: Carrier) -> dict[str, Any]:
        return {"code": carrier.code, "name": carrier.name, "phone": carrier.phone}
