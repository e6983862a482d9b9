"""Everything a process is told from outside, read once from the environment and never changed."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import environ
from attrs import Factory
from attrs.converters import optional
from environ.exceptions import MissingEnvValueError

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICES = ("crm", "srm", "scm", "erp")


class SettingsMissing(Exception):
    """The process was not told enough to start; the message names all of what is missing."""


def _path(given: str | Path) -> Path:
    return Path(given).expanduser().absolute()


def _addresses(given: str | Mapping[str, str]) -> Mapping[str, str]:
    """`crm=http://…,erp=http://…` as a mapping."""
    if isinstance(given, str):
        given = dict(pair.strip().split("=", 1) for pair in given.split(",") if pair.strip())
    return MappingProxyType(dict(given))


def _from(derive: "Callable[[Settings], Any]") -> Any:
    """A default that follows from the settings declared before it."""
    return Factory(derive, takes_self=True)


def _under_home(*names: str) -> Any:
    """`<home>/…`, with `{}` standing for the service's name."""
    return _from(lambda settings: settings.home.joinpath(*(name.format(settings.service) for name in names)))


@environ.config(prefix="SIHE", frozen=True)
class Settings:
    """What one process of the suite is told. Each field is the variable `SIHE_<FIELD>`."""

    service: str = environ.var(help="crm, srm, scm, erp or gateway")
    home: Path = environ.var(converter=_path, help="the folder that holds all data of the suite")
    database_url: str = environ.var(
        default=_from(lambda settings: f"sqlite:///{settings.home / settings.service / 'events.db'}"),
        help="the event store: sqlite:///<file> or postgresql://…",
    )
    reports_url: str = environ.var(
        default=_from(lambda settings: f"sqlite:///{settings.home / settings.service / 'reports.db'}"),
        help="the read models, in a database of their own",
    )
    chain_url: str = environ.var(
        default=_from(lambda settings: f"sqlite:///{settings.home / settings.service / 'chain.db'}"),
        help="the chain over the event store and the checkpoints held, in a database of their own",
    )
    readings_url: str = environ.var(
        default=_from(lambda settings: f"sqlite:///{settings.home / settings.service / 'readings.db'}"),
        help="who read what of persons and books; the gateway's only",
    )
    keys_url: str = environ.var(
        default=_from(lambda settings: f"sqlite:///{settings.home / settings.service / 'keys.db'}"),
        help="the keys of persons, in a database with backups of its own",
    )
    run_dir: Path = environ.var(default=_under_home("run"), converter=_path, help="sockets and lock files of this host")
    nats_url: str = environ.var(default="nats://127.0.0.1:4222", help="the broker")
    nats_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.nkey"), converter=_path, help="the nkey this process shows to NATS"
    )
    inbox_prefix: str = environ.var(
        default=_from(lambda settings: f"_INBOX_{settings.service}"), help="where NATS answers this service"
    )
    stream_bytes: int = environ.var(
        default=256 * 1024 * 1024, converter=int, help="how much of the past the service's stream keeps"
    )
    stream_replicas: int = environ.var(default=1, converter=int, help="copies of the stream: 1, or 3 on a cluster")
    listen_host: str = environ.var(default="127.0.0.1", help="the address the API listens on")
    listen_port: int = environ.var(default=8000, converter=int, help="where the API listens")
    listen_fd: int | None = environ.var(
        default=None, converter=optional(int), help="a socket that listens already, instead of host and port"
    )
    status_port: int = environ.var(default=8001, converter=int, help="where the worker tells how far it is")
    peers: Mapping[str, str] = environ.var(default="", converter=_addresses, help="crm=http://host:port,… of the APIs")
    workers: Mapping[str, str] = environ.var(default="", converter=_addresses, help="the same of the workers' status")
    jwks_file: Path = environ.var(
        default=_under_home("keys", "jwks.json"), converter=_path, help="public keys of everyone who may sign a request"
    )
    identity_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.seed"), converter=_path, help="the Ed25519 seed this process signs with, hex"
    )
    checkpoint_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.checkpoint.seed"),
        converter=_path,
        help="the Ed25519 seed this service signs checkpoints with, hex; made by migrate",
    )
    secret_file: Path = environ.var(
        default=_under_home("keys", "{}.secret"), converter=_path, help="signs cursors and digests of requests, hex"
    )
    admin_key: str = environ.var(default="", help="the first key, 16 characters or more; made once if not given")
    time_zone: ZoneInfo = environ.var(default="UTC", converter=ZoneInfo, help="where the firm's business day begins")
    base_currency: str = environ.var(default="USD", help="the currency of the books (ISO 4217)")
    log_level: str = environ.var(
        default="INFO", converter=str.upper, help="how much is logged: DEBUG, INFO, WARNING, ERROR"
    )

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """The settings in these variables, by default those of this process. Raises SettingsMissing."""
        try:
            return environ.to_config(cls, dict(os.environ if variables is None else variables))
        except MissingEnvValueError as missing:
            raise SettingsMissing("not set: " + ", ".join(sorted(missing.args))) from None

    def require_files(self, *fields: str) -> None:
        """Refuse to start without these files, given by field name. Raises SettingsMissing naming each absent one."""
        absent = [
            f"{getattr(self, field)} (SIHE_{field.upper()})" for field in fields if not getattr(self, field).is_file()
        ]
        if absent:
            raise SettingsMissing("no such file: " + ", ".join(absent))
