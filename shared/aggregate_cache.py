"""Cache of aggregates between units of work."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from shared.domain import Aggregate

CACHED_AGGREGATES = 2_000


class AggregateCache:
    """Cache of aggregates between units of work: taken out for one and put back afterwards, never copied."""

    def __init__(self, size: int = CACHED_AGGREGATES) -> None:
        self._size = size
        self._aggregates: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, id: UUID) -> Aggregate | None:
        with self._lock:
            return self._aggregates.pop(id, None)

    def put(self, aggregates: Sequence[Aggregate]) -> None:
        with self._lock:
            for each in aggregates:
                other = self._aggregates.pop(each.id, None)
                self._aggregates[each.id] = each if other is None or other.version <= each.version else other
            while len(self._aggregates) > self._size:
                self._aggregates.popitem(last=False)
