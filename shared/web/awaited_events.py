"""Events of other services that a request awaits: it names a record that is unknown here and may be on its way."""

from collections.abc import Sequence

from shared.bus.event_feed import FeedUnavailable
from shared.bus.inbox import handled_by
from shared.domain import NotYetAvailable, UnknownReference
from shared.message import Message
from shared.service import Service
from shared.store.integrity import IntegrityFailure
from shared.web.problems import current_request

PAGE_SIZE = 1_000
"""More than the positions that an inbox leaves unsaved."""


class AwaitedEvents:
    """For one request: the events that the services of unknown records had published when they were asked.

    Only once these have been applied is a record that is still unknown one that its service never announced.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._newest: dict[str, int | None] = {}
        self._arrived: frozenset[str] = frozenset()

    def ask(self) -> None:
        """Ask all services, once, for their newest events that are handled here: further records may be unknown."""
        if not self._newest:
            self._newest = {source: self._newest_event_of(source) for source in self._service.feeds}

    def begin_attempt(self) -> None:
        """Note of which services all these events have been applied before the next attempt."""
        self._arrived = frozenset(source for source, newest in self._newest.items() if self._is_applied(source, newest))

    def have_arrived(self, source: str) -> bool:
        """Return whether all these events of a service had been applied when the current attempt began."""
        return source in self._arrived or source not in self._service.feeds

    def _newest_event_of(self, source: str) -> int | None:
        """Return a position; 0 if all was applied, none while the service does not answer or much is missing."""
        try:
            missing = self._missing_messages(source)
        except (FeedUnavailable, IntegrityFailure):
            return None
        is_handled = handled_by(self._service.policies, source)
        handled = [each.sequence for each in missing if is_handled(each)]
        return max(handled, default=0) if len(missing) < PAGE_SIZE else None

    def _missing_messages(self, source: str) -> Sequence[Message]:
        reached = self._service.store.get_inbox_position(source)
        page = self._service.feeds[source].read_after(reached.position if reached else 0, PAGE_SIZE)
        if reached and page and page[0].epoch != reached.epoch:
            raise FeedUnavailable(f"{source}: its log is of another epoch")
        return page

    def _is_applied(self, source: str, newest: int | None) -> bool:
        """Return whether the event was applied; nothing counts as applied while a message of the service is parked."""
        if newest is None or self._service.store.has_parked_messages(source):
            return False
        reached = self._service.store.get_inbox_position(source)
        return newest <= (reached.position if reached else 0)


def await_events(service: Service) -> AwaitedEvents:
    """Return what the current request awaits from now on; the answer to an unknown record depends on it."""
    _, state = current_request()
    state.awaited_events = awaited = AwaitedEvents(service)
    return awaited


def is_final(refused: NotYetAvailable) -> bool:
    """Return whether the current request need not wait: the record is unknown although all events have arrived."""
    awaited: AwaitedEvents = current_request()[1].awaited_events
    return isinstance(refused, UnknownReference) and awaited.have_arrived(refused.source)
