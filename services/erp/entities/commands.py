"""Commands on the legal entities of the firm."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import ChartOfAccounts
from services.erp.entities.domain.legal_entity import LegalEntity, change_time_zone
from shared.commands import Commands
from shared.domain import MAIN_ENTITY, Firm, InvalidInput
from shared.domain.firm import DaysAhead
from shared.fields import ANY_CURRENCY, UNSET, Currency, Date, Month, Text, TimeZone, UnsetType, given
from shared.master_data import MasterCommands


@dataclass(frozen=True, kw_only=True)
class ReviseEntity:
    """Request to change some fields of a legal entity; a time zone holds from a day on, by default from now on."""

    name: Text | UnsetType | None = UNSET
    base_currency: Annotated[Currency, ANY_CURRENCY] | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    time_zone_from: Date | UnsetType = UNSET
    fiscal_year_starts: Month | UnsetType = UNSET
    days_ahead: DaysAhead | UnsetType = UNSET


class LegalEntities(MasterCommands[LegalEntity]):
    """Commands on legal entities."""

    def prepare(self, initial_firm: Firm) -> None:
        """Register the main legal entity, unless it is known. It adopts the chart of accounts of a trading firm."""
        if self.uow.load(LegalEntity, LegalEntity.id_of(MAIN_ENTITY)) is None:
            self.uow.save(self.register(initial_firm), ChartOfAccounts.adopt(MAIN_ENTITY))

    def revise(self, record_id: UUID, changes: ReviseEntity) -> LegalEntity:
        """Change the given fields. Raises BaseCurrencyFixed after the first posting, InvalidInput for a past day."""
        known = self.uow.get(LegalEntity, record_id)
        entry = replace(
            known.entry,
            name=given(changes.name, known.entry.name),
            base_currency=given(changes.base_currency, known.entry.base_currency),
            fiscal_year_starts=given(changes.fiscal_year_starts, known.entry.fiscal_year_starts),
            days_ahead=given(changes.days_ahead, known.entry.days_ahead),
        )
        known.revise(_with_time_zone(entry, changes))
        return self.uow.save(known)


def _with_time_zone(entry: Firm, changes: ReviseEntity) -> Firm:
    first_day = None if isinstance(changes.time_zone_from, UnsetType) else changes.time_zone_from
    if not isinstance(changes.time_zone, UnsetType):
        return change_time_zone(entry, changes.time_zone, first_day, datetime.now(UTC))
    if first_day is not None:
        raise InvalidInput("give the time_zone that holds from this day on", field="time_zone_from")
    return entry


class Entities(Commands):
    """Commands of the module: those on its master data."""

    entities: LegalEntities
