"""LegalEntity: a company whose books ERP keeps. The main one gives the firm its currency and time zone."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from shared.domain import DomainError, InvalidInput, MasterRecord, TimeZonePeriod, entity_parts, event
from shared.domain.firm import Firm, start_of_day


class BaseCurrencyFixed(DomainError):
    """Raised when the base currency is to be changed after the first posting or closing."""


class LegalEntity(MasterRecord[Firm], key="entity"):
    """A legal entity: name, base currency, time zone and fiscal calendar. Every firm has `main`.

    Its base currency is fixed with the first posting.
    """

    base_currency_is_fixed = False

    @classmethod
    def create_id(cls, entry: Firm) -> UUID:
        return cls.id_of(entry.entity)

    @classmethod
    def id_of(cls, entity: str) -> UUID:
        """Return the id of the legal entity with this code."""
        return cls.derive_id(*entity_parts(entity))

    @property
    def firm(self) -> Firm:
        """What every service needs to know of it."""
        return self.entry

    def revise(self, entry: Firm) -> None:
        """Replace name, base currency, time zones and fiscal calendar. Raises BaseCurrencyFixed."""
        known = self.entry.base_currency
        if self.base_currency_is_fixed and entry.base_currency != known:
            raise BaseCurrencyFixed(f"base_currency must stay {known} after the first posting", field="base_currency")
        super().revise(entry)

    def fix_base_currency(self) -> None:
        """Fix the base currency, as the first posting does. Records no event if it is fixed."""
        if not self.base_currency_is_fixed:
            self._base_currency_fixed(base_currency=self.entry.base_currency)

    @event("BaseCurrencyFixed")
    def _base_currency_fixed(self, base_currency: str) -> None:
        del base_currency  # stored for readers of the history
        self.base_currency_is_fixed = True


def change_time_zone(firm: Firm, time_zone: str, first_day: date | None, now: datetime) -> Firm:
    """Return the firm with a time zone that holds from the beginning of a day, by default from now on.

    A change that was agreed for later is replaced. Raises InvalidInput for a past day, which never changes.
    """
    today = firm.date_of(now)
    if first_day is not None and first_day < today:
        raise InvalidInput(f"must not be before today, {today}: past days never change", field="time_zone_from")
    starts_at = now if first_day is None else max(now, start_of_day(time_zone, first_day))
    kept = tuple(each for each in firm.time_zones if each.starts_at < starts_at)
    added = () if kept[-1].time_zone == time_zone else (TimeZonePeriod(time_zone, starts_at),)
    return replace(firm, time_zones=(*kept, *added))
