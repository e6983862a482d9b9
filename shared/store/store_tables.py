"""The tables of one service's event store: how they are read and written, and whose they are."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from shared.store import GENERATION, StoreError, UnsupportedGeneration
from shared.store.integrity import EventSealer, IntegrityKey
from shared.store.sql import Values


class StoreTables(ABC):
    """The tables of the event store of one service, on SQLite or PostgreSQL."""

    COLUMNS: ClassVar[str]
    """Selects the columns of a table by its name; no rows for an unknown table."""
    service: str
    location: str
    integrity_key: IntegrityKey

    @abstractmethod
    def _fetch_all(self, statement: str, values: Values = ()) -> list[Any]:
        """Return the rows of a query. `?` stands for a value; ids are passed as UUID."""

    @staticmethod
    @abstractmethod
    def _decode_id(stored: Any) -> UUID:
        """Return an id as read from the database."""

    def _fetch_one(self, statement: str, values: Values = ()) -> Any:
        rows = self._fetch_all(statement, values)
        return rows[0] if rows else None

    @abstractmethod
    def write_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        """Run these statements in one transaction."""

    # -- identity

    def _identity(self) -> Values:
        """Return the values of `IDENTITY` for a new store."""
        return secrets.token_hex(8), self.service, GENERATION

    def _check_identity(self) -> None:
        """Raises StoreError unless the tables belong to this service and generation."""
        self._check_generation()
        owner = self._fetch_one("SELECT service FROM store_identity")
        if owner is None or owner[0] != self.service:
            raise StoreError(f"this is the event store of {owner and owner[0]}, not of {self.service}")

    def _check_generation(self) -> None:
        """Raises UnsupportedGeneration if the tables are of another generation."""
        written = self._written_generation()
        if written not in (None, GENERATION):
            raise UnsupportedGeneration(
                f"The event store of {self.service} in {self.location} was written by schema generation {written}; "
                f"this version reads generation {GENERATION}. "
                "Start with another SIHE_HOME, or use the version that wrote it."
            )

    def _written_generation(self) -> int | None:
        """Return the generation of the tables, None without tables. The first one did not store its number."""
        if self._fetch_all(self.COLUMNS, ("incarnation",)):
            return 1
        if ("generation",) not in map(tuple, self._fetch_all(self.COLUMNS, ("store_identity",))):
            return 1 if self._fetch_all(self.COLUMNS, ("events",)) else None
        row = self._fetch_one("SELECT generation FROM store_identity")
        return row and int(row[0])

    @cached_property
    def epoch(self) -> str:
        """The id of this store, 16 hex digits; a restored store gets a new one."""
        return str(self._fetch_one("SELECT epoch FROM store_identity")[0])

    def epoch_or_none(self) -> str | None:
        """Return the epoch; None if the store has no tables yet."""
        if not self._fetch_all(self.COLUMNS, ("store_identity",)):
            return None
        row = self._fetch_one("SELECT epoch FROM store_identity")
        return row and str(row[0])

    @cached_property
    def _sealer(self) -> EventSealer:
        return EventSealer(self.service, self.epoch, self.integrity_key)

    def _not_written(self, row: str) -> str:
        return f"{row} of {self.service} was not written by the service or was changed since"
