"""What a store has next to its log: stored responses, reserved values, numbers, inbox positions, timers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from shared import codec
from shared.domain import UniqueValue
from shared.message import Message
from shared.store import IdempotencyRecord, InboxPosition, ParkedEntry, Timer, UniqueKey
from shared.store.integrity import INBOX_POSITION, PARKED_MESSAGE, TIMER, IntegrityFailure
from shared.store.sql import Values, from_micros, to_micros
from shared.store.store_tables import StoreTables


class StoredValues(StoreTables):
    """The rows that a commit writes next to its events."""

    def get_idempotency_record(self, caller: str, key: str) -> IdempotencyRecord | None:
        """Return the stored response of a command. Raises IntegrityFailure if the service did not write it."""
        statement = "SELECT request_digest, status, headers, body, mac FROM stored_responses WHERE caller=? AND key=?"
        row = self._fetch_one(statement, (caller, key))
        if row is None:
            return None
        digest, status, headers, body, mac = row
        if not type(headers) is type(body) is bytes:
            raise IntegrityFailure(self._not_written("a stored response"))
        record = IdempotencyRecord(caller, key, digest, status, codec.decode(headers, dict[str, str]), body)
        if self._sealer.mac_of_response(record, headers) != mac:
            raise IntegrityFailure(self._not_written("a stored response"))
        return record

    def get_unique_value(self, key: UniqueKey) -> UniqueValue | None:
        """Return the value with this key as it was written, or None. Raises IntegrityFailure for a forged one."""
        row = self._fetch_one("SELECT value, aggregate_id, mac FROM unique_values WHERE kind=? AND folded=?", key)
        if row is None:
            return None
        unique = UniqueValue(row[0], self._decode_id(row[1]))
        if self._sealer.mac_of_unique(key, unique) != row[2]:
            raise IntegrityFailure(self._not_written(f"the reserved value {key[1]} of {key[0]}"))
        return unique

    def unique_keys(self, after: UniqueKey, limit: int) -> list[UniqueKey]:
        """Return the keys of reserved values in order, after a key."""
        statement = "SELECT kind, folded FROM unique_values WHERE (kind, folded) > (?, ?) ORDER BY kind, folded LIMIT ?"
        return [(kind, folded) for kind, folded in self._fetch_all(statement, (*after, limit))]

    def unique_value_counts(self) -> tuple[int, dict[str, int]]:
        """Return the number of reserved values of each namespace, as of the head of the log."""
        return self._figures("SELECT kind AS name, count(*) AS figure FROM unique_values GROUP BY kind")

    def last_numbers(self) -> tuple[int, dict[str, int]]:
        """Return the last number of each series, as of the head of the log."""
        return self._figures("SELECT series AS name, last_number AS figure FROM number_series")

    def _figures(self, query: str) -> tuple[int, dict[str, int]]:
        log = "(SELECT coalesce(max(position), 0) AS head FROM events) AS log"
        rows = self._fetch_all(f"SELECT head, name, figure FROM {log} LEFT JOIN ({query}) AS figures ON true")  # noqa: S608 (the code's own)
        return rows[0][0], {name: figure for _, name, figure in rows if name is not None}

    def last_number(self, series: str) -> int:
        row = self._fetch_one("SELECT last_number FROM number_series WHERE series=?", (series,))
        return row[0] if row else 0

    def get_inbox_position(self, source: str) -> InboxPosition | None:
        """Return the position of a source. Raises IntegrityFailure if the service did not write it."""
        row = self._fetch_one("SELECT * FROM inbox_positions WHERE source=?", (source,))
        if row is not None and not self._sealer.is_sealed_row(INBOX_POSITION, tuple(row)):
            raise IntegrityFailure(self._not_written(f"the inbox position of {source}"))
        return row and InboxPosition(*row[:-1])

    def inbox_positions(self) -> tuple[int, dict[str, int]]:
        """Return the position of each source and epoch, `crm:<epoch>`, as of the head of the log."""
        return self._figures("SELECT source || ':' || epoch AS name, position AS figure FROM inbox_positions")

    def parked_count(self) -> tuple[int, int]:
        """Return the number of parked messages, genuine or not, as of the head of the log."""
        head, figures = self._figures("SELECT 'all' AS name, count(*) AS figure FROM parked_messages")
        return head, figures["all"]

    def correlated_count(self) -> tuple[int, int]:
        """Return how many events the index of flows has, as of the head of the log."""
        length = "coalesce(sum(last_position - first_position + 1), 0)"
        head, figures = self._figures(f"SELECT 'all' AS name, {length} AS figure FROM correlations")  # noqa: S608 (the code's own)
        return head, int(figures["all"])

    def count_correlated(self, correlation_id: UUID, first: int, last: int) -> int:
        """Return how many events between two positions the index of flows has for this correlation id."""
        statement = """SELECT coalesce(sum(last_position - first_position + 1), 0) FROM correlations
            WHERE correlation_id=? AND first_position>=? AND last_position<=?"""
        return int(self._fetch_one(statement, (correlation_id, first, last))[0])

    def parked_entries(self, source: str | None = None) -> list[ParkedEntry]:
        """Return the parked messages in order. Raises IntegrityFailure if the service did not write one of them."""
        statement = "SELECT * FROM parked_messages WHERE source=coalesce(?, source) ORDER BY source, epoch, sequence"
        rows = self._fetch_all(statement, (source,))
        for row in rows:
            if not self._sealer.is_sealed_row(PARKED_MESSAGE, tuple(row)):
                raise IntegrityFailure(self._not_written(f"the parked message {row[2]} of {row[0]}"))
        return [ParkedEntry(codec.decode(row[3], Message), row[4], row[5], row[6], from_micros(row[7])) for row in rows]

    def has_parked_messages(self, source: str) -> bool:
        return bool(self._fetch_all("SELECT 1 FROM parked_messages WHERE source=? LIMIT 1", (source,)))

    # -- timers

    def due_timers(self, now: datetime, limit: int = 100) -> list[Timer]:
        """Return the timers that are due, the earliest first. Raises IntegrityFailure for a forged one."""
        statement = "SELECT * FROM timers WHERE due_at<=? ORDER BY due_at, id LIMIT ?"
        return self._timers(statement, (to_micros(now), limit))

    def timers(self, after: int, limit: int) -> list[Timer]:
        """Return timers in the order of their ids, after an id. Raises IntegrityFailure for a forged one."""
        return self._timers("SELECT * FROM timers WHERE id>? ORDER BY id LIMIT ?", (after, limit))

    def _timers(self, statement: str, values: Values) -> list[Timer]:
        return [self._decode_timer(*row) for row in self._fetch_all(statement, values)]

    def _decode_timer(self, id_: int, due_at: int, kind: str, stored_id: Any, note: str, mac: bytes) -> Timer:
        aggregate = self._decode_id(stored_id)
        if not self._sealer.is_sealed_row(TIMER, (due_at, kind, aggregate, note, mac)):
            raise IntegrityFailure(self._not_written(f"the timer {id_}"))
        return Timer(id_, from_micros(due_at), kind, aggregate, note)

    def count_due_timers(self, now: datetime) -> int:
        """Return how many timers are due, genuine or not."""
        return int(self._fetch_one("SELECT count(*) FROM timers WHERE due_at<=?", (to_micros(now),))[0])

    def next_timer_at(self) -> datetime | None:
        micros = self._fetch_one("SELECT min(due_at) FROM timers")[0]
        return None if micros is None else from_micros(micros)
