"""Read models of legal entities."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.erp.entities.domain.legal_entity import LegalEntity
from shared.fields import Code, Currency, TimeZone
from shared.master_data import MasterProjection


class Entities(MasterProjection):
    """All legal entities. The time zone is the one agreed last; it holds from its day on."""

    name = "entities"
    aggregate_class = LegalEntity
    is_addressed_by_key = True
    columns = {
        "code": Code, "name": str | None, "base_currency": Currency, "base_currency_is_fixed": bool,
        "time_zone": TimeZone, "time_zone_from": date | None, "fiscal_year_starts": int, "days_ahead": int,
    }  # fmt: skip
    extra_fields = {"time_zones": [{"time_zone": TimeZone, "first_day": date | None}]}
    search = ("code", "name")
    version = 3

    @staticmethod
    def to_row(record: LegalEntity) -> dict[str, Any]:
        firm, zones = record.entry, record.entry.time_zones
        return {
            "code": firm.entity,
            "name": firm.name,
            "base_currency": firm.base_currency,
            "base_currency_is_fixed": record.base_currency_is_fixed,
            "time_zone": zones[-1].time_zone,
            "time_zone_from": firm.first_day_of(zones[-1]),
            "time_zones": [{"time_zone": each.time_zone, "first_day": firm.first_day_of(each)} for each in zones],
            "fiscal_year_starts": firm.fiscal_year_starts,
            "days_ahead": firm.days_ahead,
        }

    @classmethod
    def state_of(cls, row: Mapping[str, Any]) -> str | None:
        """Return none: a legal entity cannot be deactivated."""
        return None
