"""Prometheus metrics of the bus."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("bus_published", "Messages stored by the broker.", ("service",))
SEQUENCE_CONFLICTS = Counter(
    "bus_fenced", "Batches the broker rejected because the stream was not as expected.", ("service",)
)
OVERSIZED = Counter("bus_oversized", "Messages too large for the broker; consumers fetch them.", ("service",))
STREAM_REFUSED = Gauge("bus_stream_refused", "1 while the stream contradicts the event store.", ("service",))
CONSUMED = Counter("bus_heard", "Messages consumed.", ("service", "source"))
GAP_REPAIRS = Counter("bus_gap_repairs", "Times the source was requested for missing events.", ("service", "source"))
SOURCE_REFUSED = Gauge("bus_source_refused", "1 while a source publishes with another epoch.", ("service", "source"))
REJECTED = Counter("bus_hostile", "Messages altered, or not published by the source.", ("service", "source"))
RETRIES = Counter("bus_retries", "Batches retried after a transient error.", ("service", "source"))
