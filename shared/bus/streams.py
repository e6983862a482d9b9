"""One stream for each service that publishes: its name, its subjects, its limits."""

from dataclasses import dataclass
from typing import Any

MEBIBYTE = 1024 * 1024
STREAM_BYTES = 256 * MEBIBYTE
DUPLICATES_SECONDS = 120
BILLION = 10**9


def stream_of(service: str) -> str:
    """The stream that carries what a service published."""
    return service.upper()


def subjects_of(service: str) -> str:
    return f"evt.{service}.>"


def high_water_of(service: str) -> str:
    """Where a service says every few seconds how far it has published; never stored."""
    return f"hwm.{service}"


def own_api(verb: str) -> str:
    """The JetStream API of the service's own account."""
    return f"$JS.API.{verb}"


def peer_api(source: str, verb: str) -> str:
    """The part of another service's JetStream API that reading its stream takes, as seen from here."""
    return f"peer.{source}.{verb}"


def reading_verbs(source: str) -> tuple[str, str, str]:
    """What a listener may ask of a source's stream: how long it is, a consumer of its own, its messages."""
    stream = stream_of(source)
    return f"STREAM.INFO.{stream}", f"CONSUMER.CREATE.{stream}", f"CONSUMER.MSG.NEXT.{stream}.*"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much of the past the broker keeps; what it forgets is still in the source's store."""

    max_bytes: int = STREAM_BYTES
    replicas: int = 1


def stream_config(service: str, limits: StreamLimits) -> dict[str, Any]:
    """A disposable, exactly ordered copy of what the service published.

    No `max_age`: a stream emptied by age has no last message for the relay to go on from.
    """
    return {
        "name": stream_of(service),
        "description": f"what {service} published",
        "subjects": [subjects_of(service)],
        "storage": "file",
        "retention": "limits",
        "max_bytes": limits.max_bytes,
        "max_age": 0,
        "discard": "old",
        "duplicate_window": DUPLICATES_SECONDS * BILLION,
        "deny_delete": True,
        "allow_direct": True,
        "num_replicas": limits.replicas,
    }
