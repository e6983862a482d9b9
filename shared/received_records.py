"""Records of other services that documents may name, such as items and customers, as their events brought them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, InvalidInput, RecordKind, UnitOfMeasure, UnitOfWork, event, fold_text
from shared.policies import Policy

NO_DETAILS: dict[str, str] = {}
"""No details; never changed."""


class ReceivedRecord(Aggregate):
    """A record of another service by its kind and key: whether it is active, and details of it, as published last."""

    IS_SHARED = True

    @classmethod
    def create_id(cls, kind: str, key: str) -> UUID:
        return cls.derive_id(kind, fold_text(key))

    @event("Received")
    def __init__(self, kind: str, key: str, is_active: bool, details: dict[str, str] = NO_DETAILS) -> None:
        self.kind, self.key, self.is_active, self.details = kind, key, is_active, details

    def keep(self, is_active: bool, details: dict[str, str]) -> None:
        """Keep what was published now. Records no event if it is the same."""
        if (is_active, details) != (self.is_active, self.details):
            self._changed(is_active=is_active, details=details)

    @event("Changed")
    def _changed(self, is_active: bool, details: dict[str, str] = NO_DETAILS) -> None:
        self.is_active, self.details = is_active, details


def keep_records(kind: RecordKind, key: str, *details: str) -> Policy:
    """Return the reaction to a published event that states how a record of a kind stands; `key` is its key's field.

    An event without `is_active` states that the record exists. `details` are further fields that are kept.
    """

    def keep_record(changed: Any, uow: UnitOfWork) -> Iterator[Aggregate]:
        is_active = getattr(changed, "is_active", True)
        kept = {name: str(getattr(changed, name)) for name in details}
        record = uow.get_or_create(
            ReceivedRecord, kind=kind.name, key=str(getattr(changed, key)), is_active=is_active, details=kept
        )
        record.keep(is_active, kept)
        yield record

    keep_record.__name__ = f"keep_{kind.name}"
    keep_record.__doc__ = f"Keep whether documents may name the {kind.name}."
    return keep_record


def get_received_or_none(kind: RecordKind, key: str, uow: UnitOfWork) -> ReceivedRecord | None:
    """Return the record with this key, in any spelling, if one was published."""
    return uow.load(ReceivedRecord, ReceivedRecord.create_id(kind.name, key))


def require_active(kind: RecordKind, key: str, uow: UnitOfWork, *, field: str) -> None:
    """Require that an active record has this key. Raises UnknownReference or InvalidInput, naming `field`."""
    record = get_received_or_none(kind, key, uow)
    if record is None:
        raise kind.unknown(key, field=field)
    if record.key != key:
        raise InvalidInput(f"unknown {kind.name} {key}. Did you mean '{record.key}'?", field=field)
    if not record.is_active:
        raise InvalidInput(f"{kind.name} {key} is deactivated: choose another or reactivate it", field=field)


def received_unit(kind: RecordKind, units: RecordKind, key: str, uow: UnitOfWork) -> UnitOfMeasure | None:
    """Return the unit in which a record is measured, if both were published: its `unit` may be any text."""
    known = get_received_or_none(kind, key, uow)
    measure = get_received_or_none(units, known.details["unit"], uow) if known and "unit" in known.details else None
    return UnitOfMeasure(measure.key, int(measure.details["decimals"])) if measure else None
