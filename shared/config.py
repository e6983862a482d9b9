"""The settings of a process, read once from the environment and never changed."""

import logging
import os
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import environ
from attrs import Attribute, Converter, Factory
from attrs.converters import optional
from environ.exceptions import MissingEnvValueError

from shared.texts import TIME_ZONES

Network = IPv4Network | IPv6Network

SERVICES = ("crm", "srm", "scm", "erp")


class InvalidSettings(Exception):
    """Raised when settings or files are missing or invalid; the message names the variables."""


def _to_path(given: str | Path) -> Path:
    return Path(given).expanduser().absolute()


def _parse_addresses(given: str) -> Mapping[str, str]:
    """Return `crm=http://…,erp=http://…` as a mapping."""
    return MappingProxyType(dict(pair.strip().split("=", 1) for pair in given.split(",") if pair.strip()))


def _parse_networks(given: str) -> tuple[Network, ...]:
    return tuple(ip_network(each.strip()) for each in given.split(",") if each.strip())


def _parse_log_level(given: str) -> str:
    level = given.upper()
    if level not in logging.getLevelNamesMapping():
        raise ValueError("unknown log level")
    return level


def _parse_time_zone(given: str) -> ZoneInfo:
    if given not in TIME_ZONES:
        raise ValueError("unknown time zone")
    return ZoneInfo(given)


def _setting(help_text: str, default: Any, parse: Callable[[Any], Any]) -> Any:
    """Return a setting whose text is parsed; InvalidSettings names the variable of an invalid one."""

    def convert(given: Any, field: "Attribute[Any]") -> Any:
        try:
            return parse(given)
        except (ValueError, LookupError, OSError):
            raise InvalidSettings(f"SIHE_{field.name.upper()} has an invalid value: {given!r}") from None

    converter: Any = Converter(convert, takes_field=True)
    return environ.var(default=default, converter=converter, help=help_text)


def _derived_default(derive: "Callable[[Settings], Any]") -> Any:
    """Return a default that is derived from the settings declared before it."""
    return Factory(derive, takes_self=True)


def _file(help_text: str, *names: str) -> Any:
    """Return a setting with the default `<home>/…`; `{}` stands for the service's name."""
    default = _derived_default(lambda own: own.home.joinpath(*(each.format(own.service) for each in names)))
    return _setting(help_text, default, _to_path)


def _database(name: str, help_text: str) -> Any:
    default = _derived_default(lambda own: f"sqlite:///{own.home / own.service / name}.db")
    return environ.var(default=default, help=help_text)


@environ.config(prefix="SIHE", frozen=True)
class Settings:
    """The settings of one process of the suite. Each field is the variable `SIHE_<FIELD>`."""

    service: str = environ.var(help="crm, srm, scm, erp or gateway")
    home: Path = environ.var(converter=_to_path, help="the folder that holds all data of the suite")
    database_url: str = _database("events", "the event store: sqlite:///<file> or postgresql://…")
    reports_url: str = _database("reports", "the read models, in a separate database")
    chain_url: str = _database("chain", "the hash chain of the event store and all checkpoints, in a separate database")
    readings_url: str = _database("readings", "the access log of personal and accounting data; gateway only")
    keys_url: str = _database("keys", "the encryption keys of personal data, in a database with separate backups")
    run_dir: Path = _file("sockets and lock files of this host", "run")
    nats_url: str = environ.var(default="nats://127.0.0.1:4222", help="the broker")
    nats_seed_file: Path = _file("the nkey of this process for NATS", "keys", "{}.nkey")
    inbox_prefix: str = environ.var(
        default=_derived_default(lambda own: f"_INBOX_{own.service}"), help="prefix of NATS reply subjects"
    )
    stream_bytes: int = _setting("the maximum size of the service's stream in bytes", 256 * 1024 * 1024, int)
    stream_replicas: int = _setting("copies of the stream: 1, or 3 on a cluster", 1, int)
    listen_host: str = environ.var(default="127.0.0.1", help="the address the API listens on")
    listen_port: int = _setting("the port the API listens on", 8000, int)
    listen_fd: int | None = _setting(
        "file descriptor of a listening socket, replaces host and port", None, optional(int)
    )
    head_seconds: float = _setting("the deadline for the head of a request", 5.0, float)
    body_seconds: float = _setting(
        "the deadline for a body, or for a client to take a response, unless 1 KiB a second is transferred", 30.0, float
    )
    max_connections: int = _setting(
        "open connections to the API; the longest idle ones are closed for new ones", 4_000, int
    )
    max_connections_per_address: int = _setting("open connections of one client address", 100, int)
    requests_per_key: int = _setting("requests a minute with one key, through the gateway", 60_000, int)
    requests_per_address: int = _setting("requests a minute from one client address, to the gateway", 60_000, int)
    wrong_keys: int = _setting("wrong keys a minute from one client address, or for one key, before 429", 20, int)
    shared_networks: tuple[Network, ...] = _setting(
        "networks without limits per address, since many clients share an address: this machine, reverse proxies",
        "127.0.0.0/8,::1/128", _parse_networks,
    )  # fmt: skip
    status_port: int = _setting("the port of the worker's status server", 8001, int)
    peers: Mapping[str, str] = _setting(
        "the addresses of the APIs, for workers also of the gateway: crm=http://host:port,…", "", _parse_addresses
    )
    workers: Mapping[str, str] = _setting(
        "the addresses of the workers' status servers, in the same form", "", _parse_addresses
    )
    jwks_file: Path = _file("public keys of request signers (JWK set)", "keys", "jwks.json")
    identity_seed_file: Path = _file("the Ed25519 seed this process signs with, hex", "keys", "{}.seed")
    checkpoint_seed_file: Path = _file(
        "the Ed25519 seed this service signs checkpoints with, hex; created by migrate", "keys", "{}.checkpoint.seed"
    )
    integrity_key_file: Path = _file(
        "the key this service seals its stored events with, hex; created by migrate", "keys", "{}.integrity"
    )
    secret_file: Path = _file("signs cursors and request digests, hex", "keys", "{}.secret")
    admin_key: str = environ.var(default="", help="the first access key, 16 characters or more; generated if not set")
    time_zone: ZoneInfo = _setting(
        "the time zone of a new firm, read by ERP at its first start", "UTC", _parse_time_zone
    )
    base_currency: str = environ.var(default="USD", help="the base currency of a new firm (ISO 4217)")
    log_level: str = _setting("the lowest level that is logged: DEBUG, INFO, WARNING, ERROR", "INFO", _parse_log_level)

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
