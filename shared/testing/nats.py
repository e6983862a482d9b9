"""A real nats-server for a test: its own port, its own folder, stopped by its process id."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.bus.connection import Bus
from shared.bus.server import Broker, inbox_prefix, new_seed, public_key, server_binary
from shared.bus.streams import MEBIBYTE

SERVICES = ("crm", "srm", "scm", "erp")
FREE_PORT = -1
GIVE_UP_SECONDS = 60


class NotUp(Exception):
    """The broker did not come up, or did not end; the message carries what it said."""


class NatsServer:
    """A broker that can be stopped, killed, wiped, and given an older copy of its files."""

    def __init__(self, home: Path, services: tuple[str, ...] = SERVICES, stream_bytes: int = 16 * MEBIBYTE) -> None:
        self.home = home
        self.store_dir = home / "jetstream"
        self.seeds = {each: new_seed() for each in services}
        self.operator_seeds = {each: new_seed() for each in services}
        self.stream_bytes = stream_bytes
        self.port = FREE_PORT
        self._process: subprocess.Popen[bytes] | None = None
        self.store_dir.mkdir(parents=True)
        for service, seed in self.seeds.items():
            self.seed_file(service).write_text(seed)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the broker itself said."""
        return (self.home / "nats.log").read_text()

    def seed_file(self, service: str) -> Path:
        return self.home / f"{service}.nkey"

    def bus(self, service: str, reaches: str | None = None) -> Bus:
        """A connection as that service; `reaches` leaves it another's inbox prefix, as an attacker would try."""
        return Bus(self.url, name=service, inbox_prefix=inbox_prefix(reaches or service), seed=self.seeds[service])

    def operator(self, service: str) -> Bus:
        """A connection with all rights in that service's account, as a person repairing it has."""
        return Bus(self.url, name=f"operator of {service}", inbox_prefix="_INBOX", seed=self.operator_seeds[service])

    def start(self) -> None:
        """Run it; on the same port as before, if it ran before."""
        configuration = self.home / "nats.conf"
        configuration.write_text(self._broker().configuration())
        with (self.home / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([server_binary(), "-c", configuration], stdout=log, stderr=log)
        self.port = self._told_port()

    def _broker(self) -> Broker:
        keys = {each: public_key(seed) for each, seed in self.seeds.items()}
        operators = {each: public_key(seed) for each, seed in self.operator_seeds.items()}
        return Broker(
            self.store_dir, keys, operators, port=self.port, stream_bytes=self.stream_bytes, ports_dir=self.home
        )

    def _told_port(self) -> int:
        assert self._process is not None
        told = self.home / f"{server_binary().name}_{self._process.pid}.ports"
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            if told.exists() and told.read_text().endswith("}"):
                return int(json.loads(told.read_text())["nats"][0].rpartition(":")[2])
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        raise NotUp(self.log)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(GIVE_UP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise NotUp(self.log) from None
        finally:
            self._process = None

    def keep_copy(self, name: str) -> None:
        """Stop, copy the files aside, and run again."""
        self.stop()
        shutil.copytree(self.store_dir, self.home / name)
        self.start()

    def bring_back(self, name: str) -> None:
        """Stop, put a copy in the place of the files, and run again."""
        self.stop()
        shutil.rmtree(self.store_dir)
        shutil.copytree(self.home / name, self.store_dir)
        self.start()

    def wipe(self) -> None:
        """Stop, lose everything, and run again."""
        self.stop()
        shutil.rmtree(self.store_dir)
        self.store_dir.mkdir()
        self.start()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    """A broker of the test's own."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()
