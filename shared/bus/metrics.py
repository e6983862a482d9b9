"""Prometheus metrics of the bus."""

from prometheus_client import Counter, Gauge

BY_SERVICE, BY_SOURCE = ("service",), ("service", "source")

PUBLISHED = Counter("sihe_bus_published_messages", "Messages stored by the broker.", BY_SERVICE)
SEQUENCE_CONFLICTS = Counter("sihe_bus_sequence_conflicts", "Pages for which the stream had another end.", BY_SERVICE)
OVERSIZED = Counter("sihe_bus_oversized_messages", "Messages above the size limit of the broker.", BY_SERVICE)
STREAM_REFUSED = Gauge("sihe_bus_stream_refused", "1 while the stream contradicts the event store.", BY_SERVICE)
CONSUMED = Counter("sihe_bus_consumed_messages", "Messages consumed.", BY_SOURCE)
GAP_REPAIRS = Counter("sihe_bus_gap_repairs", "Requests to the source for missing events.", BY_SOURCE)
SOURCE_REFUSED = Gauge("sihe_bus_source_refused", "1 while a source publishes with another epoch.", BY_SOURCE)
REJECTED = Counter("sihe_bus_rejected_messages", "Messages altered, or not published by the source.", BY_SOURCE)
RETRIES = Counter("sihe_bus_retries", "Batches retried after a transient error.", BY_SOURCE)
