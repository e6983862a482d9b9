"""Who takes goods to customers."""

from typing import Any

from services.scm.domain.carrier import Carrier
from shared.report import Collection


class Carriers(Collection):
    """All carriers."""

    of = Carrier
    columns = {"code": str, "name": str}
    search = ("code", "name")
    shows = {"phone": str}

    @staticmethod
    def row(carrier: Carrier) -> dict[str, Any]:
        return {"code": carrier.code, "name": carrier.name, "phone": carrier.phone}
