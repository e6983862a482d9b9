"""Keeps from which services events are missing, so that no command calls a record unknown that is on its way."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.bus.subscriber import Subscriber
from shared.store.event_store import EventStore

LATE_SECONDS = 1.0
"""Shorter than commands wait for events, together with the second between two updates."""


class LateSources:
    """The services whose events have not all arrived for a while; `update` every second keeps them in the store."""

    def __init__(self, store: EventStore, subscribers: Sequence[Subscriber]) -> None:
        self._store, self._subscribers = store, subscribers

    def update(self) -> None:
        """Store which services are late now, if others were before."""
        ages = {each.source: time.monotonic() - each.complete_at for each in self._subscribers}
        now = datetime.now(UTC)
        self._store.set_late_sources(
            {source: now - timedelta(seconds=age) for source, age in ages.items() if age > LATE_SECONDS}
        )
