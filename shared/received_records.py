"""Records of other services that documents may name, such as items and customers, as their events brought them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, InvalidInput, NotYetAvailable, UnitOfWork, event, fold_text
from shared.policies import Policy


class ReceivedRecord(Aggregate):
    """A record of another service by its kind and key: whether it is active, as published last."""

    IS_SHARED = True

    @classmethod
    def create_id(cls, kind: str, key: str) -> UUID:
        return cls.derive_id(kind, fold_text(key))

    @event("Received")
    def __init__(self, kind: str, key: str, is_active: bool) -> None:
        self.kind, self.key, self.is_active = kind, key, is_active

    def keep(self, is_active: bool) -> None:
        """Keep what was published now. Records no event if it is the same."""
        if is_active != self.is_active:
            self._changed(is_active=is_active)

    @event("Changed")
    def _changed(self, is_active: bool) -> None:
        self.is_active = is_active


class UnknownReference(NotYetAvailable):
    """Raised when a document names a record that no event of its service has brought, even after a short wait."""


def keep_records(kind: str, key: str) -> Policy:
    """Return the reaction to a published event that states how a record of a kind stands; `key` is its key's field.

    An event without `is_active` states that the record exists.
    """

    def keep_record(changed: Any, uow: UnitOfWork) -> Iterator[Aggregate]:
        is_active = getattr(changed, "is_active", True)
        record = uow.get_or_create(ReceivedRecord, kind=kind, key=str(getattr(changed, key)), is_active=is_active)
        record.keep(is_active)
        yield record

    keep_record.__name__ = f"keep_{kind}"
    keep_record.__doc__ = f"Keep whether documents may name the {kind}."
    return keep_record


def require_active(kind: str, key: str, uow: UnitOfWork, *, field: str) -> None:
    """Require that an active record has this key. Raises UnknownReference or InvalidInput, naming `field`."""
    record = uow.load(ReceivedRecord, ReceivedRecord.create_id(kind, key))
    if record is None:
        raise UnknownReference(f"unknown {kind} {key}: check its spelling, or register it first", field=field)
    if record.key != key:
        raise InvalidInput(f"unknown {kind} {key}. Did you mean '{record.key}'?", field=field)
    if not record.is_active:
        raise InvalidInput(f"{kind} {key} is deactivated: choose another or reactivate it", field=field)
