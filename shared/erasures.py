"""Erasures that the log records, repeated for keys that came back with a backup of the key store."""

from collections.abc import Iterator
from uuid import UUID

from shared.domain import TYPES_BY_NAME
from shared.event_codec import decode_event
from shared.key_store import KeyStore
from shared.store import RecordedEvent
from shared.store.event_store import EventStore

ERASURES = ("Erased", "ContactErased")
"""Names of the events that erase a record, or the person with the `contact_id` that they name."""
PAGE = 1_000


def erase_again(store: EventStore, key_store: KeyStore) -> None:
    """Destroy the keys of all persons and firms whose erasure is in the log. Repeating it has no effect."""
    for each in erased_subjects(store):
        key_store.erase(each)


def erased_subjects(store: EventStore) -> Iterator[UUID]:
    """Yield the persons and firms whose erasure is in the log."""
    for each in _erasures(store):
        yield getattr(decode_event(each), "contact_id", each.aggregate)


def _erasures(store: EventStore) -> Iterator[RecordedEvent]:
    """Yield the erasures in the log, without forged ones."""
    types = [name for name in TYPES_BY_NAME if name.rpartition(".")[2] in ERASURES]
    after = 0
    while found := store.log_as_stored(after, PAGE, types):
        yield from filter(store.is_genuine, found)
        after = found[-1].position
