"""Figures of the bus for Prometheus; those that name trouble are what alarms look at."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("bus_published", "Messages stored by the broker.", ("service",))
FENCED = Counter("bus_fenced", "Batches the broker refused because the stream was not as expected.", ("service",))
OVERSIZED = Counter("bus_oversized", "Messages too large for the broker; listeners fetch them.", ("service",))
STREAM_REFUSED = Gauge("bus_stream_refused", "1 while the stream tells another story.", ("service",))
HEARD = Counter("bus_heard", "Messages heard.", ("service", "source"))
REPAIRS = Counter("bus_gap_repairs", "Times the source itself was asked.", ("service", "source"))
SOURCE_REFUSED = Gauge("bus_source_refused", "1 while a source speaks with another epoch.", ("service", "source"))
HOSTILE = Counter("bus_hostile", "Messages altered, or published by nobody.", ("service", "source"))
TROUBLE = Counter("bus_retries", "Batches tried again after passing trouble.", ("service", "source"))
