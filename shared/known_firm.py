"""What a service knows of the firm, and what day it is there."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

from shared.domain import MAIN_ENTITY, Aggregate, Firm, FirmUnknown
from shared.domain.firm import KnowsFirm
from shared.event_codec import replay
from shared.store.event_store import EventStore

CACHE_SECONDS = 1.0

Load = Callable[[Any, UUID], Any]


class KnownFirm:
    """The main legal entity of the firm, as one aggregate of the service knows it; without one it never changes."""

    def __init__(self, store: EventStore, firm_class: type[KnowsFirm] | None, initial: Firm) -> None:
        self._store, self._firm_class, self._initial = store, firm_class, initial
        self._cached: tuple[Firm, float] | None = None

    def load(self, load: Load) -> Firm:
        """Return the firm from its aggregate, loaded by this function. Raises FirmUnknown if there is none yet."""
        if self._firm_class is None:
            return self._initial
        known: Any = load(self._firm_class, self._firm_class.id_of(MAIN_ENTITY))
        if known is None:
            raise FirmUnknown
        return cast("Firm", known.firm)

    @property
    def current_date(self) -> date:
        """Today in the firm's time zone. Raises FirmUnknown."""
        return self.date_of(datetime.now(UTC))

    def date_of(self, moment: datetime) -> date:
        """Return the date of a moment in the firm's time zone. Raises FirmUnknown."""
        return self.current.date_of(moment)

    @property
    def current(self) -> Firm:
        """The firm as the service knows it, cached for a second. Raises FirmUnknown."""
        now = time.monotonic()
        if self._cached is None or self._cached[1] < now:
            self._cached = self.load(self._replay), now + CACHE_SECONDS
        return self._cached[0]

    def _replay(self, aggregate_class: Any, id: UUID) -> Aggregate | None:
        del aggregate_class
        return cast("Aggregate | None", replay(Aggregate, self._store.events(id)))
