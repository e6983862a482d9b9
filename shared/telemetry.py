"""Telemetry of a process: log lines in JSON and metrics for Prometheus.

Log lines go to standard error and carry the trace id, never a body or a personal value.
"""

import json
import logging
import os
import re
import sys
import threading
import traceback
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.registry import REGISTRY
from structlog.typing import EventDict, FilteringBoundLogger, Processor

MAX_VALUE_LENGTH = 500
MAX_TRACEBACK_FRAMES = 12

log: FilteringBoundLogger = structlog.get_logger()

REQUESTS = Histogram(
    "sihe_http_request_duration_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

BUILD = Gauge("sihe_build_info", "The version of the suite that the process runs, as a label.", ("version",))

LINES_LOST = Counter("sihe_log_lines_lost", "Log lines that could not be written.")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
OTHER_METHOD = "other"

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class _StandardError:
    """Writes whole lines to the current standard error; a line that cannot be written is counted and costs nothing."""

    def msg(self, line: str) -> None:
        try:
            sys.stderr.write(f"{line}\n")
        except (OSError, ValueError):
            LINES_LOST.inc()

    debug = info = warning = error = critical = msg


def _truncate_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if isinstance(value, str) and len(value) > MAX_VALUE_LENGTH:
            event[name] = f"{value[:MAX_VALUE_LENGTH]}…"
    return event


def configure_logging(service: str, level: str = "INFO") -> None:
    """Make each log entry of this process one line of JSON, control characters escaped, at most 8 kB."""
    _processors[:] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        partial(_add_service_name, service),
        _add_error_location,
        _truncate_values,
        structlog.processors.JSONRenderer(_encode_entry),
    ]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )


_processors: list[Processor] = []
_encoder = json.JSONEncoder(default=repr)


def _encode_entry(entry: Any, **_: Any) -> str:
    """Encode with one encoder: `json.dumps` makes another one for each entry with a default."""
    return _encoder.encode(entry)


class LogRecords(logging.Handler):
    """Writes what libraries log, like the suite's own entries."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        known = {"error": type(error).__qualname__, "at": error_location(error)} if error else {}
        with suppress(Exception):  # logging must not fail
            log.log(max(record.levelno, logging.DEBUG), record.getMessage(), logger=record.name, **known)


def log_libraries_and_crashes() -> None:
    """Write as log entries: records and warnings of libraries, and errors that end the process or a thread."""
    logging.basicConfig(handlers=[LogRecords()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda _, error, __: _log_crash("process", error)
    threading.excepthook = lambda ended: _log_crash("thread", ended.exc_value)


def _log_crash(what: str, error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        log.critical(f"the {what} ended", error=type(error).__qualname__, at=error_location(error))


def method_label(method: str) -> str:
    """Return a request method as a label: clients can invent methods, and each label is kept."""
    return method if method in METHODS else OTHER_METHOD


def _add_service_name(service: str, _logger: Any, _method: str, event: EventDict) -> EventDict:
    event["service"] = service
    return event


def _add_error_location(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Log an error as its class and location only: its text and values may contain personal data."""
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            event["error"], event["at"] = type(error).__name__, error_location(error)
    return event


def is_traceparent(received: str) -> bool:
    """Return whether a text is a `traceparent` in its exact form."""
    return _TRACEPARENT.fullmatch(received) is not None


def parse_traceparent(traceparent: str | None) -> tuple[str, str]:
    """Return the trace id of a request and the `traceparent` to pass on (W3C Trace Context).

    A received one is used only if its form is exact; otherwise a new trace begins.
    """
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match:
        return match[1], match[0]
    digits = os.urandom(24).hex()
    return digits[:32], f"00-{digits[:32]}-{digits[32:]}-01"


def error_location(error: BaseException) -> list[str]:
    """Return where an error was raised, innermost frame last: files, lines and functions, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_TRACEBACK_FRAMES:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]


def prometheus_metrics() -> tuple[bytes, str]:
    """Return the metrics in Prometheus's format and the media type; of all processes that share a metrics folder."""
    BUILD.labels(version("sihe")).set(1)
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types there
    return generate_latest(registry), CONTENT_TYPE_LATEST
