"""Settings are judged before a process of the suite starts, and a home is not started with other stores."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from cli.home import Home
from tests.running_suite import RunningSuite


def run(home: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, with these settings only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SIHE_")}
    given = {"SIHE_HOME": str(home), "SIHE_PORT": "0", **{f"SIHE_{name}": value for name, value in settings.items()}}
    line = [sys.executable, "-m", *command]
    return subprocess.run(line, env=inherited | given, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def home_with_keys(tmp_path: Path) -> Home:
    """A home folder with the keys of its processes and no data."""
    home = Home(tmp_path / "home")
    home.keys.mkdir(parents=True)
    home.make_keys()
    return home


@pytest.mark.case("O4")
def test_a_suite_with_wrong_settings_lists_them_all_and_starts_nothing(tmp_path: Path) -> None:
    wrong = {"BASE_CURRENCY": "EURO", "ADMIN_KEY": "abc", "TIME_ZONE": "Berlin", "LOG_LEVEL": "LOUD", "PORT": "http"}
    done = run(tmp_path / "home", "cli.main", "up", **wrong, BASECURRENCY="EUR", CHAIN_URL="sqlite:///one.db")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Warning: SIHE_BASECURRENCY is not a setting and has no effect. Did you mean SIHE_BASE_CURRENCY?",
        "Error: the suite cannot start with these settings.",
        "  SIHE_PORT must be a port number from 0 to 65535, not 'http'.",
        "  SIHE_ADMIN_KEY must be 16 characters or more; leave it unset to have a key generated.",
        "  SIHE_TIME_ZONE must be an IANA time zone such as Europe/Berlin, not 'Berlin'. Did you mean Europe/Berlin?",
        "  SIHE_BASE_CURRENCY must be an ISO 4217 currency code such as EUR, not 'EURO'. Did you mean EUR?",
        "  SIHE_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'.",
        "  SIHE_CHAIN_URL names one file, but each service needs a file of its own: leave it unset for a suite.",
    ]
    assert not (tmp_path / "home").exists()


@pytest.mark.case("O4")
@pytest.mark.parametrize("job", ["serve", "work", "migrate", "audit"])
def test_a_process_on_its_own_judges_its_settings_likewise(tmp_path: Path, job: str) -> None:
    done = run(tmp_path, "services.crm.main", job, TIME_ZONE="Berlin", STATUS_PORT="x", STATUSPORT="1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"crm cannot {job}: SIHE_STATUS_PORT must be a port number from 0 to 65535, not 'x'.",
        "SIHE_TIME_ZONE must be an IANA time zone such as Europe/Berlin, not 'Berlin'. Did you mean Europe/Berlin?",
    ]


@pytest.mark.case("O4")
def test_a_server_whose_app_cannot_be_wired_ends_with_a_sentence(home_with_keys: Home) -> None:
    home = home_with_keys.folder
    assert run(home, "gateway.main", "migrate").returncode == 0
    listening = {"LISTEN_PORT": "0", "LISTENPORT": "0"}
    done = run(home, "gateway.main", "serve", PEERS="crm=http://127.0.0.1:1", **listening)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    warning, *_ = done.stderr.splitlines()
    assert warning == "Warning: SIHE_LISTENPORT is not a setting and has no effect. Did you mean SIHE_LISTEN_PORT?"
    assert "gateway cannot serve: SIHE_PEERS must also list srm, scm, erp" in done.stderr.splitlines()


@pytest.mark.case("O3")
def test_a_home_on_postgresql_is_started_neither_on_sqlite_nor_on_another_database(
    home_with_keys: Home, postgres_database: str, postgres_url: str
) -> None:
    home = home_with_keys
    migrate = ("services.crm.main", "migrate")
    assert run(home.folder, *migrate, DATABASE_URL=postgres_database).returncode == 0
    assert run(home.folder, *migrate, DATABASE_URL=postgres_database).returncode == 0

    for command in (("cli.main", "up"), migrate, ("services.crm.main", "serve"), ("services.crm.main", "audit")):
        done = run(home.folder, *command)
        assert done.returncode == (4 if "serve" in command else 2), done.stderr
        stated = f"The event stores of {home.folder} are on PostgreSQL: set SIHE_DATABASE_URL and SIHE_REPORTS_URL as"
        assert stated in done.stderr
    assert not (home.folder / "crm" / "events.db").exists()

    other = run(home.folder, *migrate, DATABASE_URL=postgres_url)
    assert other.returncode == 2
    assert "is empty, but that of" in other.stderr
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT 1 FROM pg_namespace WHERE nspname='crm'").fetchall() == []


@pytest.mark.case("O3")
def test_a_home_on_sqlite_is_started_neither_on_postgresql_nor_without_an_event_store(
    fresh_suite: RunningSuite,
) -> None:
    fresh_suite.stop()
    home, url = fresh_suite.home, "postgresql://operator:secret@127.0.0.1:1/sihe"
    done = run(home, "cli.main", "up", DATABASE_URL=url, REPORTS_URL=url)
    stated = f"The event stores of {home} are on SQLite: unset SIHE_DATABASE_URL and SIHE_REPORTS_URL, or use another"
    assert done.returncode == 2
    assert done.stderr.count(stated) == 1
    assert "secret" not in done.stderr

    events = home / "crm" / "events.db"
    with closing(sqlite3.connect(events)) as database:
        [[epoch]] = database.execute("SELECT epoch FROM store_identity")
    events.unlink()
    lost = run(home, "cli.main", "up")
    assert lost.returncode == 1
    assert f"The event store of crm in {events} is empty, but that of {home} has epoch {epoch}" in lost.stderr
    assert "restore all services from one backup" in lost.stderr
    assert not events.exists()
