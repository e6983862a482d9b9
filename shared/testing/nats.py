"""A real nats-server for a test, with its own port and folder, stopped by its process id."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.bus.broker_config import (
    BrokerServerConfig,
    new_nkey_seed,
    public_nkey_of_seed,
    reply_subject_prefix,
    server_binary,
)
from shared.bus.connection import BrokerClient
from shared.bus.streams import MEBIBYTE

SERVICES = ("crm", "srm", "scm", "erp")
FREE_PORT = -1
TIMEOUT_SECONDS = 60


class BrokerFailed(Exception):
    """Raised when the broker does not start or stop; the message is its log."""


class NatsServer:
    """A broker that can be stopped, killed, wiped, backed up and restored."""

    def __init__(self, home: Path, services: tuple[str, ...] = SERVICES, stream_bytes: int = 16 * MEBIBYTE) -> None:
        self.home = home
        self.store_dir = home / "jetstream"
        self.seeds = {each: new_nkey_seed() for each in services}
        self.operator_seeds = {each: new_nkey_seed() for each in services}
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
        """Return the log of the broker."""
        return (self.home / "nats.log").read_text()

    def seed_file(self, service: str) -> Path:
        return self.home / f"{service}.nkey"

    def bus(self, service: str, inbox_of: str | None = None) -> BrokerClient:
        """Return a connection as this service, or with the inbox prefix of service `inbox_of`, as an attacker would."""
        return BrokerClient(
            self.url, name=service, inbox_prefix=reply_subject_prefix(inbox_of or service), seed=self.seeds[service]
        )

    def operator(self, service: str) -> BrokerClient:
        """Return a connection with all rights in the account of this service, as for repairs by an operator."""
        return BrokerClient(
            self.url, name=f"operator of {service}", inbox_prefix="_INBOX", seed=self.operator_seeds[service]
        )

    def start(self) -> None:
        """Start the broker, on the previous port after the first start."""
        configuration = self.home / "nats.conf"
        configuration.write_text(self._broker().render())
        with (self.home / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([server_binary(), "-c", configuration], stdout=log, stderr=log)
        self.port = self._reported_port()

    def _broker(self) -> BrokerServerConfig:
        keys = {each: public_nkey_of_seed(seed) for each, seed in self.seeds.items()}
        operators = {each: public_nkey_of_seed(seed) for each, seed in self.operator_seeds.items()}
        return BrokerServerConfig(
            self.store_dir, keys, operators, port=self.port, stream_bytes=self.stream_bytes, ports_dir=self.home
        )

    def _reported_port(self) -> int:
        assert self._process is not None
        ports_file = self.home / f"{server_binary().name}_{self._process.pid}.ports"
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if ports_file.exists() and ports_file.read_text().endswith("}"):
                return int(json.loads(ports_file.read_text())["nats"][0].rpartition(":")[2])
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        raise BrokerFailed(self.log)

    def stop(self) -> None:
        self._stop_with(signal.SIGTERM)

    def kill(self) -> None:
        self._stop_with(signal.SIGKILL)

    def _stop_with(self, signal_number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal_number)
        try:
            self._process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise BrokerFailed(self.log) from None
        finally:
            self._process = None

    def back_up(self, name: str) -> None:
        """Stop the broker, copy its files, and start it again."""
        self.stop()
        shutil.copytree(self.store_dir, self.home / name)
        self.start()

    def restore(self, name: str) -> None:
        """Stop the broker, replace its files by a backup, and start it again."""
        self.stop()
        shutil.rmtree(self.store_dir)
        shutil.copytree(self.home / name, self.store_dir)
        self.start()

    def wipe(self) -> None:
        """Stop the broker, delete its files, and start it again."""
        self.stop()
        shutil.rmtree(self.store_dir)
        self.store_dir.mkdir()
        self.start()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    """A running broker for this test alone."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()
