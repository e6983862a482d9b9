"""Opening of the database of derived tables that a URL names."""

from pathlib import Path

from shared.projections.database import Database
from shared.projections.sqlite import SqliteDatabase

SQLITE = "sqlite:///"


def open_database(url: str | Path, service: str, schema_suffix: str = "reports") -> Database:
    """Open the database of read models: `sqlite:///<file>`, a path, `postgresql://…` (`<service>_<schema_suffix>`)."""
    if isinstance(url, str) and url.startswith("postgres"):
        from shared.projections.postgres import PostgresDatabase  # only where it is used: psycopg costs memory

        return PostgresDatabase(url, f"{service}_{schema_suffix}")
    return SqliteDatabase(Path(str(url).removeprefix(SQLITE)))
