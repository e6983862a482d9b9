"""A home whose data was written by an earlier generation of the schema."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

TABLES = """
CREATE TABLE incarnation (epoch TEXT NOT NULL, service TEXT NOT NULL);
CREATE TABLE events (
    position INTEGER PRIMARY KEY, aggregate BLOB NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, state BLOB NOT NULL, UNIQUE (aggregate, version));
INSERT INTO incarnation VALUES ('e0e0e0e0e0e0e0e0', 'crm');
"""


@pytest.fixture
def earlier_home(tmp_path: Path) -> Path:
    """A home with the event store and the secret of CRM in the form of the first generation."""
    file = tmp_path / "home" / "crm" / "events.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as database:
        database.executescript(TABLES)
    (tmp_path / "home" / "keys").mkdir()
    (tmp_path / "home" / "keys" / "crm.secret").write_text("00" * 32)
    return tmp_path / "home"


@pytest.mark.parametrize(
    "command", [("cli.main", "up"), ("cli.main", "audit", "rebuild"), ("services.crm.main", "audit")]
)
def test_a_command_on_such_a_home_ends_with_the_reason_and_the_remedy(
    earlier_home: Path, command: tuple[str, ...]
) -> None:
    variables = {**os.environ, "SIHE_HOME": str(earlier_home), "SIHE_PORT": "0"}
    done = subprocess.run([sys.executable, "-m", *command], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    text = " ".join(done.stderr.split())
    assert f"The event store of crm in {earlier_home / 'crm' / 'events.db'} was written by schema generation 1;" in text
    assert "Start with another SIHE_HOME, or use the version that wrote it." in text
    assert "Traceback" not in text
