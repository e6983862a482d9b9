"""The ten processes of a suite: nats-server, an API and a worker for each service, and the gateway."""

import gc
import os
import socket
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from cli.home import PROCESSES, Home
from cli.main_modules import main_module_of
from cli.process import Process
from shared import cli
from shared.bus.broker_config import BrokerServerConfig, new_nkey_seed, public_nkey_of_seed, server_binary
from shared.config import SERVICES
from shared.ports import LOOPBACK, free_ports

BACKLOG = 1024
GATEWAY_WAVE, API_WAVE, WORKER_WAVE, BROKER_WAVE = range(4)
DRAIN_SECONDS = (3.0, 3.0, 2.0, 1.0)
PRELOADED_MODULES = (
    "gunicorn.app.base",
    "gunicorn.glogging",
    "shared.server",
    "shared.wiring",
    "shared.worker.worker",
    "shared.web",
)


class PortInUse(Exception):
    """Raised when the port of the gateway is in use."""


class Suite:
    """The processes of one home folder. The sockets listen from the start: early requests wait and are not refused."""

    def __init__(self, home: Home, port: int) -> None:
        self.home = home
        self._gateway_socket = _open_socket(port)
        self._api_sockets = {service: _open_socket(0) for service in SERVICES}
        self.port = _port_of(self._gateway_socket)
        names = ("nats", *(f"{service}-worker" for service in SERVICES))
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.ports |= {f"{service}-api": _port_of(listening) for service, listening in self._api_sockets.items()}

    def write_configuration(self) -> None:
        """Create missing keys and write the configuration of the broker."""
        self.home.make_keys()
        (self.home.run / "nats.conf").write_text(self._broker_configuration())

    def migrations(self) -> list[Process]:
        """Return the processes that create or migrate the tables and then end."""
        return [Process(f"{name}-migrate", partial(_run, "migrate", name), self._environment()) for name in PROCESSES]

    def processes(self) -> list[Process]:
        """Return the processes that run as long as the suite."""
        gateway = self._server_process("gateway", self._gateway_socket, GATEWAY_WAVE)
        nats = Process("nats", self._run_broker, inherited_handles=(self.home.lock_handle,), stop_wave=BROKER_WAVE)
        workers = [self._worker_process(service) for service in SERVICES]
        return [
            nats,
            *(self._server_process(name, api, API_WAVE) for name, api in self._api_sockets.items()),
            *workers,
            gateway,
        ]

    def close(self) -> None:
        """Close the listening sockets."""
        for listening in (self._gateway_socket, *self._api_sockets.values()):
            listening.close()

    def _server_process(self, name: str, listening: socket.socket, wave: int) -> Process:
        variables = self._environment(LISTEN_FD=str(listening.fileno()), LISTEN_PORT=str(_port_of(listening)))
        handles = (listening.fileno(), self.home.lock_handle)
        process = name if name == "gateway" else f"{name}-api"
        return Process(process, partial(_run, "serve", name), variables, handles, wave)

    def _worker_process(self, service: str) -> Process:
        variables = self._environment(STATUS_PORT=str(self.ports[f"{service}-worker"]))
        handles = (self.home.lock_handle,)
        return Process(f"{service}-worker", partial(_run, "work", service), variables, handles, WORKER_WAVE)

    def _environment(self, **more: str) -> Mapping[str, str]:
        settings = {
            "HOME": str(self.home.folder),
            "RUN_DIR": str(self.home.sockets),
            "NATS_URL": f"nats://{LOOPBACK}:{self.ports['nats']}",
            "PEERS": f"{self._addresses('api')},gateway=http://{LOOPBACK}:{self.port}",
            "WORKERS": self._addresses("worker"),
        }
        return {f"SIHE_{name}": value for name, value in (settings | more).items()}

    def _addresses(self, kind: str) -> str:
        return ",".join(f"{service}=http://{LOOPBACK}:{self.ports[f'{service}-{kind}']}" for service in SERVICES)

    def _broker_configuration(self) -> str:
        services = {
            service: public_nkey_of_seed(_get_or_create_seed(self.home.keys / f"{service}.nkey"))
            for service in SERVICES
        }
        return BrokerServerConfig(self.home.folder / "nats", services, host=LOOPBACK, port=self.ports["nats"]).render()

    def _run_broker(self) -> int:
        program = str(server_binary())
        os.set_inheritable(self.home.lock_handle, True)
        os.set_blocking(2, True)  # it does not expect a log that takes nothing for a while
        os.execv(program, [program, "--config", str(self.home.run / "nats.conf")])


def preload_modules() -> None:
    """Import and prepare what every process needs before the first one is forked.

    Nothing is collected meanwhile, nor are these objects later: that would take time and copy the memory they share.
    """
    gc.disable()
    for name in PRELOADED_MODULES:
        import_module(name)
    for name in PROCESSES:
        main_module_of(name)
    import_module("shared.preload").preload_services()
    gc.freeze()
    gc.enable()


def _run(job: str, name: str) -> int:
    return cli.main(name, main_module_of(name), [job])


def _get_or_create_seed(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_nkey_seed())
    return file.read_text()


def _open_socket(port: int) -> socket.socket:
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
