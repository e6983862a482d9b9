"""JetStream streams, one for each publishing service: names, subjects and limits."""

from dataclasses import dataclass
from typing import Any

MEBIBYTE = 1024 * 1024
STREAM_BYTES = 256 * MEBIBYTE
DUPLICATE_WINDOW_SECONDS = 120
NANOSECONDS_PER_SECOND = 10**9


def stream_name(service: str) -> str:
    """Return the name of the stream with the published events of a service."""
    return service.upper()


def event_subjects(service: str) -> str:
    """Return the subject pattern of all events that a service publishes."""
    return f"evt.{service}.>"


def stored_subjects(service: str) -> str:
    """Return the subject pattern on which the broker repeats the events of a service when they are stored."""
    return f"stored.{service}.>"


def newest_position_subject(service: str) -> str:
    """Return the subject on which a service announces its published head; never stored."""
    return f"hwm.{service}"


def jetstream_request_subject(verb: str) -> str:
    """Return the subject of a request to JetStream, the streams of NATS, in the service's own account."""
    return f"$JS.API.{verb}"


def peer_jetstream_request_subject(source: str, verb: str) -> str:
    """Return the subject of a request to JetStream about another service's stream."""
    return f"peer.{source}.{verb}"


def jetstream_read_requests(source: str) -> tuple[str, str]:
    """Return the requests to JetStream that readers of a source's stream may send: its state, stored messages.

    None creates anything in the source's account. The body of a request is hidden from the broker's permissions: who
    may create a consumer may have it deliver to any subject, for decades.
    """
    stream = stream_name(source)
    return f"STREAM.INFO.{stream}", f"DIRECT.GET.{stream}"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Size limit of a stream, and its replicas; events dropped from the broker remain in the source's store."""

    max_bytes: int = STREAM_BYTES
    replicas: int = 1


def stream_config(service: str, limits: StreamLimits) -> dict[str, Any]:
    """Return the configuration of a disposable, strictly ordered copy of a service's published events.

    No `max_age`: a stream emptied by age has no last message from which the relay can continue.
    """
    return {
        "name": stream_name(service),
        "description": f"what {service} published",
        "subjects": [event_subjects(service)],
        "storage": "file",
        "retention": "limits",
        "max_bytes": limits.max_bytes,
        "max_age": 0,
        "discard": "old",
        "duplicate_window": DUPLICATE_WINDOW_SECONDS * NANOSECONDS_PER_SECOND,
        "deny_delete": True,
        "allow_direct": True,
        "republish": {"src": event_subjects(service), "dest": stored_subjects(service)},
        "num_replicas": limits.replicas,
    }
