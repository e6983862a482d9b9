"""The settings of a process, read once from the environment and never changed."""

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


class InvalidSettings(Exception):
    """Raised when settings or files are missing; the message names all of them."""


def _to_path(given: str | Path) -> Path:
    return Path(given).expanduser().absolute()


def _parse_addresses(given: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return `crm=http://…,erp=http://…` as a mapping."""
    if isinstance(given, str):
        given = dict(pair.strip().split("=", 1) for pair in given.split(",") if pair.strip())
    return MappingProxyType(dict(given))


def _derived_default(derive: "Callable[[Settings], Any]") -> Any:
    """Return a default that is derived from the settings declared before it."""
    return Factory(derive, takes_self=True)


def _under_home(*names: str) -> Any:
    """Return the default `<home>/…`; `{}` stands for the service's name."""
    return _derived_default(lambda settings: settings.home.joinpath(*(name.format(settings.service) for name in names)))


@environ.config(prefix="SIHE", frozen=True)
class Settings:
    """The settings of one process of the suite. Each field is the variable `SIHE_<FIELD>`."""

    service: str = environ.var(help="crm, srm, scm, erp or gateway")
    home: Path = environ.var(converter=_to_path, help="the folder that holds all data of the suite")
    database_url: str = environ.var(
        default=_derived_default(lambda settings: f"sqlite:///{settings.home / settings.service / 'events.db'}"),
        help="the event store: sqlite:///<file> or postgresql://…",
    )
    reports_url: str = environ.var(
        default=_derived_default(lambda settings: f"sqlite:///{settings.home / settings.service / 'reports.db'}"),
        help="the read models, in a separate database",
    )
    chain_url: str = environ.var(
        default=_derived_default(lambda settings: f"sqlite:///{settings.home / settings.service / 'chain.db'}"),
        help="the hash chain of the event store and all checkpoints, in a separate database",
    )
    readings_url: str = environ.var(
        default=_derived_default(lambda settings: f"sqlite:///{settings.home / settings.service / 'readings.db'}"),
        help="the access log of personal and accounting data; gateway only",
    )
    keys_url: str = environ.var(
        default=_derived_default(lambda settings: f"sqlite:///{settings.home / settings.service / 'keys.db'}"),
        help="the encryption keys of personal data, in a database with separate backups",
    )
    run_dir: Path = environ.var(
        default=_under_home("run"), converter=_to_path, help="sockets and lock files of this host"
    )
    nats_url: str = environ.var(default="nats://127.0.0.1:4222", help="the broker")
    nats_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.nkey"), converter=_to_path, help="the nkey of this process for NATS"
    )
    inbox_prefix: str = environ.var(
        default=_derived_default(lambda settings: f"_INBOX_{settings.service}"), help="prefix of NATS reply subjects"
    )
    stream_bytes: int = environ.var(
        default=256 * 1024 * 1024, converter=int, help="the maximum size of the service's stream in bytes"
    )
    stream_replicas: int = environ.var(default=1, converter=int, help="copies of the stream: 1, or 3 on a cluster")
    listen_host: str = environ.var(default="127.0.0.1", help="the address the API listens on")
    listen_port: int = environ.var(default=8000, converter=int, help="the port the API listens on")
    listen_fd: int | None = environ.var(
        default=None, converter=optional(int), help="file descriptor of a listening socket, replaces host and port"
    )
    status_port: int = environ.var(default=8001, converter=int, help="the port of the worker's status server")
    peers: Mapping[str, str] = environ.var(
        default="", converter=_parse_addresses, help="the addresses of the APIs: crm=http://host:port,…"
    )
    workers: Mapping[str, str] = environ.var(
        default="", converter=_parse_addresses, help="the addresses of the workers' status servers, in the same form"
    )
    jwks_file: Path = environ.var(
        default=_under_home("keys", "jwks.json"),
        converter=_to_path,
        help="public keys of request signers (JWK set)",
    )
    identity_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.seed"), converter=_to_path, help="the Ed25519 seed this process signs with, hex"
    )
    checkpoint_seed_file: Path = environ.var(
        default=_under_home("keys", "{}.checkpoint.seed"),
        converter=_to_path,
        help="the Ed25519 seed this service signs checkpoints with, hex; created by migrate",
    )
    secret_file: Path = environ.var(
        default=_under_home("keys", "{}.secret"), converter=_to_path, help="signs cursors and request digests, hex"
    )
    admin_key: str = environ.var(default="", help="the first access key, 16 characters or more; generated if not set")
    time_zone: ZoneInfo = environ.var(default="UTC", converter=ZoneInfo, help="the firm's time zone: when a day begins")
    base_currency: str = environ.var(default="USD", help="the currency of the books (ISO 4217)")
    log_level: str = environ.var(
        default="INFO", converter=str.upper, help="the lowest level that is logged: DEBUG, INFO, WARNING, ERROR"
    )

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings in these variables, by default those of this process. Raises InvalidSettings."""
        try:
            return environ.to_config(cls, dict(os.environ if variables is None else variables))
        except MissingEnvValueError as missing:
            raise InvalidSettings("not set: " + ", ".join(sorted(missing.args))) from None

    def require_files(self, *fields: str) -> None:
        """Check the files named by these fields. Raises InvalidSettings that names each missing one."""
        missing = [
            f"{getattr(self, field)} (SIHE_{field.upper()})" for field in fields if not getattr(self, field).is_file()
        ]
        if missing:
            raise InvalidSettings("no such file: " + ", ".join(missing))
