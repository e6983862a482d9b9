"""A real PostgreSQL for tests, started on a free loopback port and deleted afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.ports import free_ports
from shared.testing.memory import fast_folder

UNPRIVILEGED = ("postgres", "nobody")
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.02


class PostgresNotFound(Exception):
    """Raised when the machine has no usable PostgreSQL programs."""


class Postgres:
    """One server with its own data directory, below `parent`, by default in memory.

    When tests run as root, the server runs as an unprivileged user.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._programs = _program_folder()
        self._user = _unprivileged_user() if os.geteuid() == 0 else None
        self._home = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent or fast_folder()))
        if self._user:
            shutil.chown(self._home, self._user)
        self._cluster = self._home / "cluster"
        (self.port,) = free_ports(1)
        try:
            self._create_cluster()
        except PermissionError:
            shutil.rmtree(self._home)
            raise PostgresNotFound(f"{self._user} is not allowed to run the programs in {self._programs}") from None
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _create_cluster(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SERVER_SETTINGS, "port": self.port}.items())
        self._run("pg_ctl", "start", "--wait", f"--log={self._home / 'log'}", f"--options={options}")

    def execute(self, statement: str) -> list[Any]:
        """Run a statement as the operator; return its rows."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            cursor = db.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def wait_for(self, query: str) -> list[Any]:
        """Return the rows of a query as soon as it has any."""
        deadline = monotonic() + WAIT_SECONDS
        while not (rows := self.execute(query)):
            assert monotonic() < deadline, f"not within {WAIT_SECONDS:.0f} s: {query}"
            sleep(POLL_SECONDS)
        return rows

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; mode `fast` ends sessions first, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    @property
    def is_running(self) -> bool:
        return (self._cluster / "postmaster.pid").exists()

    def delete(self) -> None:
        if self.is_running:
            self.stop("immediate")
        shutil.rmtree(self._home)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, f"--pgdata={self._cluster}", *arguments],
            user=self._user,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _program_folder() -> Path:
    """Return the folder of initdb, pg_ctl and postgres. Raises PostgresNotFound."""
    for folder in _program_folders():
        if all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise PostgresNotFound("No PostgreSQL programs found: put initdb, pg_ctl and postgres on PATH, or install pgserver")


def _program_folders() -> Iterator[Path]:
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    yield from newest_first
    packaged = find_spec("pgserver")
    if packaged and packaged.origin:
        yield Path(packaged.origin).parent / "pginstall" / "bin"


def _version(folder: Path) -> float:
    return float(folder.parent.name)


def _unprivileged_user() -> str:
    users = {user.pw_name for user in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in users:
            return name
    raise PostgresNotFound("PostgreSQL does not run as root: create a user 'postgres' or run the tests as another user")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for the whole test run; tests are skipped if the machine has none."""
    try:
        server = Postgres()
    except PostgresNotFound as missing:
        pytest.skip(str(missing))
    yield server
    server.delete()


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The URL of the server of the test run."""
    return postgres.url()


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
        yield postgres.url(name)
        db.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
