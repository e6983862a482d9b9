"""Keys by actor: an index of all issued keys, read from the event log once and then only what is new."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from gateway.access.access_key import AccessKey
from shared.event_codec import decode_event
from shared.store.event_store import EventStore

ISSUED = f"{AccessKey.NAME}.Issued"
PAGE_SIZE = 1_000


class KeysByActor:
    """The ids of the keys that were ever issued to each actor, in order."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._position = 0
        self._ids: defaultdict[str, list[UUID]] = defaultdict(list)

    def get(self, actor: str) -> Sequence[UUID]:
        """Return the ids of the keys of an actor. Within an exclusive section of the store: one caller at a time."""
        while issued := self._store.log(self._position, PAGE_SIZE, [ISSUED]):
            for each in issued:
                event = decode_event(each)
                self._ids[event.person or event.name].append(each.aggregate)
                self._position = each.position
        return tuple(self._ids.get(actor, ()))
