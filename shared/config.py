"""The settings of a process, read once from the environment and never changed."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import attrs
import environ
from attrs import Attribute, Converter, Factory

from shared import setting_kinds as kinds
from shared.setting_kinds import InvalidSettings, Kind, Network, advice

SERVICES = ("crm", "srm", "scm", "erp")
PREFIX = "SIHE_"
REQUIRED = ("service", "home")
_ENTRY, _KIND = "environ_config", "kind"
IN_FILE = "_FILE"
"""What the variable of a secret ends with if its value is the path of a file with the secret."""
PORT_VARIABLE = "SIHE_PORT"
"""The port of the gateway, which only the command line reads; the supervisor opens it."""

__all__ = [
    "SERVICES",
    "InvalidSettings",
    "Network",
    "Settings",
    "invalid_settings",
    "secret_settings",
    "unknown_settings",
]


def _setting(kind: Kind, help_text: str, **default: Any) -> Any:
    """Return a setting of a kind; without a default it is required."""

    def convert(given: Any, field: "Attribute[Any]") -> Any:
        return kind.read(_variable(field), given) if isinstance(given, str) else given

    converter: Any = Converter(convert, takes_field=True)
    setting = environ.var(converter=converter, help=help_text, **default)
    setting.metadata[_KIND] = kind
    return setting


def _derived_default(derive: "Callable[[Settings], Any]") -> Any:
    """Return a default that is derived from the settings declared before it."""
    return Factory(derive, takes_self=True)


def _file(help_text: str, *names: str) -> Any:
    """Return a setting with the default `<home>/…`; `{}` stands for the service's name."""
    default = _derived_default(lambda own: own.home.joinpath(*(each.format(own.service) for each in names)))
    return _setting(kinds.FOLDER_OR_FILE, help_text, default=default)


def _database(name: str, help_text: str, kind: Kind = kinds.DATABASE) -> Any:
    default = _derived_default(lambda own: f"sqlite:///{own.home / own.service / name}.db")
    return _setting(kind, help_text, default=default)


@environ.config(prefix="SIHE", frozen=True)
class Settings:
    """The settings of one process of the suite. Each field is the variable `SIHE_<FIELD>`."""

    service: str = _setting(kinds.TEXT, "crm, srm, scm, erp or gateway")
    home: Path = _setting(kinds.FOLDER_OR_FILE, "the folder that holds all data of the suite")
    database_url: str = _database("events", "the event store: sqlite:///<file> or postgresql://…")
    reports_url: str = _database("reports", "the read models, in a separate database")
    chain_url: str = _database("chain", "the hash chain of the event store and all checkpoints, in a separate database")
    readings_url: str = _database("readings", "the access log of personal and accounting data; gateway only")
    keys_url: str = _database(
        "keys", "the encryption keys of personal data, in a database with separate backups", kinds.FILE_DATABASE
    )
    run_dir: Path = _file("sockets and lock files of this host", "run")
    nats_url: str = _setting(kinds.BROKER, "the broker", default="nats://127.0.0.1:4222")
    nats_seed_file: Path = _file("the nkey of this process for NATS", "keys", "{}.nkey")
    inbox_prefix: str = _setting(
        kinds.TEXT, "prefix of NATS reply subjects", default=_derived_default(lambda own: f"_INBOX_{own.service}")
    )
    stream_bytes: int = _setting(
        kinds.COUNT, "the maximum size of the service's stream in bytes", default=256 * 1024 * 1024
    )
    stream_replicas: int = _setting(kinds.COPIES, "copies of the stream: 1, or 3 on a cluster", default=1)
    listen_host: str = _setting(kinds.TEXT, "the address the API listens on", default="127.0.0.1")
    listen_port: int = _setting(kinds.PORT, "the port the API listens on", default=8000)
    listen_fd: int | None = _setting(
        kinds.HANDLE, "file descriptor of a listening socket, replaces host and port", default=None
    )
    head_seconds: float = _setting(kinds.SECONDS, "the deadline for the head of a request", default=5.0)
    body_seconds: float = _setting(
        kinds.SECONDS,
        "the deadline for a body, or for a client to take a response, unless 1 KiB a second is transferred",
        default=30.0,
    )
    max_connections: int = _setting(
        kinds.COUNT, "open connections to the API; the longest idle ones are closed for new ones", default=4_000
    )
    max_connections_per_address: int = _setting(kinds.COUNT, "open connections of one client address", default=100)
    requests_per_key: int = _setting(kinds.COUNT, "requests a minute with one key, through the gateway", default=60_000)
    requests_per_address: int = _setting(
        kinds.COUNT, "requests a minute from one client address, to the gateway", default=60_000
    )
    wrong_keys: int = _setting(
        kinds.COUNT, "wrong keys a minute from one client address, or for one key, before 429", default=20
    )
    shared_networks: tuple[Network, ...] = _setting(
        kinds.NETWORKS,
        "networks without limits per address, since many clients share an address: this machine, reverse proxies",
        default="127.0.0.0/8,::1/128",
    )
    origins: tuple[str, ...] = _setting(
        kinds.ORIGINS, "origins whose pages may call the API from a browser (CORS); gateway only", default=""
    )
    drain_seconds: int = _setting(
        kinds.COUNT, "how long a stopping API completes the requests that have begun", default=2
    )
    status_port: int = _setting(kinds.PORT, "the port of the worker's status server", default=8001)
    peers: Mapping[str, str] = _setting(
        kinds.ADDRESSES,
        "the addresses of the APIs, for workers also of the gateway: crm=http://host:port,…",
        default="",
    )
    workers: Mapping[str, str] = _setting(
        kinds.ADDRESSES, "the addresses of the workers' status servers, in the same form", default=""
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
    admin_key: str = _setting(
        kinds.ADMIN_KEY, "the first access key, 16 characters or more; generated if not set", default=""
    )
    time_zone: ZoneInfo = _setting(
        kinds.TIME_ZONE, "the time zone of a new firm, read by ERP at its first start", default="UTC"
    )
    base_currency: str = _setting(kinds.CURRENCY, "the base currency of a new firm (ISO 4217)", default="USD")
    log_level: str = _setting(
        kinds.LOG_LEVEL, "the lowest level that is logged: DEBUG, INFO, WARNING, ERROR", default="INFO"
    )

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings in these variables, by default those of this process. Raises InvalidSettings."""
        given = dict(os.environ if variables is None else variables)
        if problems := invalid_settings(given):
            raise InvalidSettings("\n".join(problems))
        return environ.to_config(cls, given | secrets_in_files(given))

    def require_files(self, *fields: str) -> None:
        """Check the files named by these fields. Raises InvalidSettings that names each missing one."""
        missing = [
            f"{getattr(self, field)} (SIHE_{field.upper()})" for field in fields if not getattr(self, field).is_file()
        ]
        if missing:
            raise InvalidSettings("no such file: " + ", ".join(missing))


def invalid_settings(variables: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that is missing or invalid in these variables."""
    try:
        given = {**variables, **secrets_in_files(variables)}
    except InvalidSettings as error:
        return str(error).splitlines()
    return [sentence for field in _fields() if (sentence := _problem(field, given)) is not None]


def secrets_in_files(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the secret settings whose variables name a file, `SIHE_ADMIN_KEY_FILE=/run/secrets/admin`.

    White space at both ends of a file is left out. Raises InvalidSettings.
    """
    found, problems = dict[str, str](), list[str]()
    for name in secret_settings():
        file = variables.get(f"{name}{IN_FILE}")
        if file is not None and name in variables:
            problems.append(f"{name} and {name}{IN_FILE} are both set: set one of them.")
        elif file is not None:
            try:
                found[name] = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
                problems.append(f"{name}{IN_FILE} must name a readable file, not {file!r}: {reason}.")
    if problems:
        raise InvalidSettings("\n".join(problems))
    return found


def secret_settings() -> list[str]:
    """Return the variables whose values are secrets, and may be in files."""
    return [_variable(field) for field in _fields() if field.metadata[_KIND].is_secret]


def unknown_settings(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence for each variable that begins like a setting but is none, by its name."""
    known = [PORT_VARIABLE, *map(_variable, _fields()), *(f"{each}{IN_FILE}" for each in secret_settings())]
    unknown = sorted(each for each in variables if each.startswith(PREFIX) and each not in known)
    return {each: f"{each} is not a setting and has no effect.{advice(each, known)}" for each in unknown}


def _problem(field: "Attribute[Any]", variables: Mapping[str, str]) -> str | None:
    variable = _variable(field)
    if variable not in variables:
        return f"{variable} is not set: {field.metadata[_ENTRY].help}." if field.name in REQUIRED else None
    try:
        cast("Any", field.converter).converter(variables[variable], field)
    except InvalidSettings as error:
        return str(error)
    return None


def _variable(field: "Attribute[Any]") -> str:
    return PREFIX + field.name.upper()


def _fields() -> "Iterator[Attribute[Any]]":
    return iter(attrs.fields(cast("Any", Settings)))
