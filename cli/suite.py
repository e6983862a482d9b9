"""Ten processes on one machine: nats-server, an API and a worker for each service, and the gateway."""

import os
import socket
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from cli.home import PROCESSES, Home
from cli.process import Process
from cli.wirings import wiring_of
from shared import cli
from shared.bus.server import Broker, new_seed, public_key, server_binary
from shared.config import SERVICES
from shared.ports import LOOPBACK, free_ports

BACKLOG = 1024
FIRST_TO_LEAVE, APIS, WORKERS, BROKER = range(4)
DRAIN_SECONDS = (3.0, 3.0, 2.0, 1.0)
IMPORTED_ONCE = ("gunicorn.app.base", "gunicorn.workers.gthread", "shared.wiring", "shared.worker", "shared.web")


class PortInUse(Exception):
    """Somebody else listens where the gateway should."""


class Suite:
    """What runs on one home. Its sockets listen from the start: who calls early waits, nobody is refused."""

    def __init__(self, home: Home, port: int) -> None:
        self.home = home
        self._gateway = _listening(port)
        self._apis = {service: _listening(0) for service in SERVICES}
        self.port = _port_of(self._gateway)
        told = ("nats", *(f"{service}-worker" for service in SERVICES))
        self.ports = dict(zip(told, free_ports(len(told)), strict=True))
        self.ports |= {f"{service}-api": _port_of(listening) for service, listening in self._apis.items()}

    def prepare(self) -> None:
        """Keys, and what the broker is told."""
        self.home.make_keys()
        (self.home.run / "nats.conf").write_text(self._broker())

    def migrations(self) -> list[Process]:
        """What makes the tables, each ending when it is done."""
        return [Process(f"{name}-migrate", partial(_run, "migrate", name), self._told()) for name in PROCESSES]

    def processes(self) -> list[Process]:
        """Everything that runs as long as the suite does."""
        gateway = self._serving("gateway", self._gateway, FIRST_TO_LEAVE)
        nats = Process("nats", self._run_broker, keeps=(self.home.lock_handle,), wave=BROKER)
        workers = [self._working(service) for service in SERVICES]
        return [nats, *(self._serving(name, api, APIS) for name, api in self._apis.items()), *workers, gateway]

    def close(self) -> None:
        """Listen no more."""
        for listening in (self._gateway, *self._apis.values()):
            listening.close()

    def _serving(self, name: str, listening: socket.socket, wave: int) -> Process:
        told = self._told(LISTEN_FD=str(listening.fileno()), LISTEN_PORT=str(_port_of(listening)))
        keeps = (listening.fileno(), self.home.lock_handle)
        process = name if name == "gateway" else f"{name}-api"
        return Process(process, partial(_run, "serve", name), told, keeps, wave)

    def _working(self, service: str) -> Process:
        told = self._told(STATUS_PORT=str(self.ports[f"{service}-worker"]))
        return Process(f"{service}-worker", partial(_run, "work", service), told, (self.home.lock_handle,), WORKERS)

    def _told(self, **more: str) -> Mapping[str, str]:
        told = {
            "HOME": str(self.home.folder),
            "RUN_DIR": str(self.home.sockets),
            "NATS_URL": f"nats://{LOOPBACK}:{self.ports['nats']}",
            "PEERS": self._addresses("api"),
            "WORKERS": self._addresses("worker"),
        }
        return {f"SIHE_{name}": said for name, said in (told | more).items()}

    def _addresses(self, kind: str) -> str:
        return ",".join(f"{service}=http://{LOOPBACK}:{self.ports[f'{service}-{kind}']}" for service in SERVICES)

    def _broker(self) -> str:
        services = {service: public_key(_seed(self.home.keys / f"{service}.nkey")) for service in SERVICES}
        return Broker(self.home.folder / "nats", services, host=LOOPBACK, port=self.ports["nats"]).configuration()

    def _run_broker(self) -> int:
        program = str(server_binary())
        os.set_inheritable(self.home.lock_handle, True)
        os.execv(program, [program, "--config", str(self.home.run / "nats.conf")])


def import_everything() -> None:
    """Have in memory what every process needs, before the first one is forked."""
    for name in IMPORTED_ONCE:
        import_module(name)
    for name in PROCESSES:
        wiring_of(name)


def _run(job: str, name: str) -> int:
    return cli.main(name, wiring_of(name), [job])


def _seed(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_seed())
    return file.read_text()


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError:
        listening.close()
        raise PortInUse(f"Port {port} is in use; choose another one: SIHE_PORT=… sihe up") from None
    listening.listen(BACKLOG)
    return listening


def _port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port
