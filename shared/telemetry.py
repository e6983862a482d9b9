"""What a process tells about itself: one JSON line per thing worth telling, and figures for Prometheus.

Lines go to standard error, carry the trace they belong to, and never a body or a personal value.
"""

import json
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.registry import REGISTRY

LONGEST_VALUE = 500
LONGEST_TRACE_BACK = 12

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class _StandardError:
    """Writes whole lines to what standard error is now."""

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = msg


def _bounded(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            event[name] = f"{value[:LONGEST_VALUE]}…"
    return event


def set_up(service: str, level: str = "INFO") -> None:
    """Have every log line of this process be one line of JSON, control characters escaped, at most 8 kB."""
    _processors[:] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _raised,
        _bounded,
        _as_json,
    ]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )


_processors: list[structlog.typing.Processor] = []
_encoder = json.JSONEncoder(default=repr)


def _as_json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> str:
    return _encoder.encode(event)


def _named(service: str) -> structlog.typing.Processor:
    def name(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return name


def _raised(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An error as its kind and place: its text and the values around it may be somebody's data."""
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            event["error"], event["at"] = type(error).__name__, where(error)
    return event


def trace_of(traceparent: str | None) -> tuple[str, str]:
    """The trace a request belongs to, and its `traceparent` to hand on (W3C Trace Context).

    A foreign one counts only in its exact form; else a new trace begins.
    """
    known = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if known and traceparent:
        return known[1], traceparent
    fresh = os.urandom(24).hex()
    return fresh[:32], f"00-{fresh[:32]}-{fresh[32:]}-01"


def where(error: BaseException) -> list[str]:
    """Where an error was raised, innermost last: files, lines and functions, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-LONGEST_TRACE_BACK:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]


def figures() -> tuple[bytes, str]:
    """The page Prometheus reads, and its media type; of all processes of the service where they share a folder."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
