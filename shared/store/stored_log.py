"""The log of a store as it is read: by record, in order, and as published; only what the service wrote itself."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.message import Message
from shared.store import RecordedEvent
from shared.store.integrity import NOT_PUBLISHED, IntegrityFailure
from shared.store.outbox import OutboxRow
from shared.store.sql import from_micros
from shared.store.suspension import SuspendableStore


class StoredLog(SuspendableStore):
    """The log of one service. Positions start at 1, ascend in commit order and have no gaps."""

    def events(self, aggregate: UUID, after_version: int = 0, until_position: int | None = None) -> list[RecordedEvent]:
        """Return the events of one aggregate in order. Raises IntegrityFailure if one is changed, forged or missing."""
        self.require_not_suspended(aggregate)
        found = self.events_as_stored(aggregate, after_version, until_position)
        for expected, each in enumerate(found, after_version + 1):
            self._require_sealed(each)
            if each.version != expected:
                raise IntegrityFailure(f"version {expected} of {aggregate} in {self.service} is missing", aggregate)
        return found

    def events_as_stored(
        self, aggregate: UUID, after_version: int = 0, until_position: int | None = None
    ) -> list[RecordedEvent]:
        """Return the events of one aggregate as the database has them, genuine or not: for auditors."""
        statement = """SELECT position, version, type, recorded_at, state, published_digest, mac FROM events
            WHERE aggregate=? AND version>?"""
        values: list[Any] = [aggregate, after_version]
        if until_position is not None:
            statement += " AND position<=?"
            values.append(until_position)
        found = [
            RecordedEvent(position, aggregate, version, kind, from_micros(at), state, digest, mac)
            for position, version, kind, at, state, digest, mac in self._fetch_all(
                f"{statement} ORDER BY version", values
            )
        ]
        self._require_durable(found)
        return found

    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return events in order after a position, limited to `types` if given.

        Raises IntegrityFailure if the service did not write one of them.
        """
        found = self.log_as_stored(after, limit, types, until)
        for each in found:
            self._require_sealed(each)
        return found

    def log_as_stored(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return events as the database has them, genuine or not: for the hash chain and auditors."""
        statement, values = "SELECT * FROM events WHERE position>?", list[Any]([after])
        if until is not None:
            statement += " AND position<=?"
            values.append(until)
        if types is not None:
            statement += f" AND type IN ({','.join('?' * len(types)) or 'NULL'})"
            values.extend(types)
        found = self._decode_events(self._fetch_all(f"{statement} ORDER BY position LIMIT ?", [*values, limit]))
        self._require_durable(found)
        return found

    def correlated_events(self, correlation_id: UUID, after: int, limit: int, until: int) -> list[RecordedEvent]:
        """Return the events with this correlation id in order, after a position."""
        statement = """SELECT events.* FROM correlations
            JOIN events ON position BETWEEN first_position AND last_position
            WHERE correlation_id=? AND position>? AND position<=? ORDER BY position LIMIT ?"""
        found = self._decode_events(self._fetch_all(statement, (correlation_id, after, until, limit)))
        self._require_durable(found)
        return found

    def _decode_events(self, rows: Sequence[Any]) -> list[RecordedEvent]:
        decode_id = self._decode_id
        return [
            RecordedEvent(position, decode_id(aggregate), version, kind, from_micros(at), state, digest, mac)
            for position, aggregate, version, kind, at, state, digest, mac in rows
        ]

    def head(self) -> int:
        """Return the position of the newest event, 0 for none."""
        head = self._fetch_one("SELECT max(position) FROM events")[0] or 0
        self.require_durable(head)
        return int(head)

    def count_aggregates(self, types: Sequence[str], until: int) -> int:
        """Return the number of aggregates whose first event is of one of these types, up to a position."""
        marks = ",".join("?" * len(types)) or "NULL"
        statement = f"SELECT count(*) FROM events WHERE version=1 AND position<=? AND type IN ({marks})"  # noqa: S608 (only marks are put in)
        return int(self._fetch_one(statement, (until, *types))[0])

    def position_at(self, moment: datetime) -> int:
        """Return the position of the newest event recorded at or before the moment, 0 for none."""
        return bisect_right(range(1, self.head() + 1), moment, key=self.recorded_at)

    def recorded_at(self, position: int) -> datetime:
        """Return when the event at a position was recorded."""
        return self.log_as_stored(position - 1, 1)[0].recorded_at

    def published_events(self, after: int, limit: int) -> list[Message]:
        """Return the published events in order, after a position.

        The page ends before a message that the service did not write. Raises IntegrityFailure if that is the first one.
        """
        self.require_not_suspended()
        messages, preceding = list[Message](), range(after + 1)
        for recorded, row in self._published_rows(after, limit):
            is_next = row.previous_position in preceding and recorded and self._sealer.is_sealed(recorded)
            if not recorded or not is_next or not row.is_published_by(recorded, self._decode_id(row.aggregate)):
                if not messages:
                    reason = self._not_written(f"message {row.position}, or one before it,")
                    raise IntegrityFailure(reason, recorded.aggregate if recorded else None)
                break
            messages.append(row.message(self.service, self.epoch, recorded))
            preceding = range(row.position, row.position + 1)
        if messages:
            self.require_durable(messages[-1].sequence)
        return messages

    def _published_rows(self, after: int, limit: int) -> Iterator[tuple[RecordedEvent | None, OutboxRow]]:
        """Yield the rows of the outbox, each with the event at its position."""
        statement = """SELECT outbox.*, events.* FROM outbox LEFT JOIN events ON events.position=outbox.position
            WHERE outbox.position>? ORDER BY outbox.position LIMIT ?"""
        columns, rows = len(OutboxRow._fields), self._fetch_all(statement, (after, limit))
        events = iter(self._decode_events([row[columns:] for row in rows if row[columns] is not None]))
        for row in rows:
            yield (None if row[columns] is None else next(events)), OutboxRow._make(row[:columns])

    def verify_outbox(self, recorded: Sequence[RecordedEvent]) -> None:
        """Compare consecutive genuine events with the outbox. Raises IntegrityFailure for a forged or missing one."""
        if not recorded:
            return
        statement = "SELECT * FROM outbox WHERE position BETWEEN ? AND ?"
        rows = self._fetch_all(statement, (recorded[0].position, recorded[-1].position))
        messages = {row[0]: OutboxRow(*row) for row in rows}
        for each in recorded:
            found, is_published = messages.get(each.position), each.published_digest != NOT_PUBLISHED
            is_own = not found or found.is_published_by(each, self._decode_id(found.aggregate))
            if is_published != (found is not None) or not is_own:
                raise IntegrityFailure(self._not_written(f"message {each.position}"), each.aggregate)

    def published_head(self) -> int:
        """Return the position of the newest published event, 0 for none."""
        head = self._fetch_one("SELECT max(position) FROM outbox")[0] or 0
        self.require_durable(head)
        return int(head)

    # -- durability

    def require_durable(self, position: int) -> None:
        """Return when nothing up to a position can be lost. Raises StoreError if it may be.

        All that the store returns outside `exclusive` is durable: events, messages, heads, stored responses.
        """

    def _require_durable(self, found: Sequence[RecordedEvent]) -> None:
        if found:
            self.require_durable(found[-1].position)

    # -- integrity

    def is_genuine(self, recorded: RecordedEvent) -> bool:
        """Return whether this service wrote the event as it is stored."""
        return self._sealer.is_sealed(recorded)

    def _require_sealed(self, recorded: RecordedEvent) -> None:
        if not self._sealer.is_sealed(recorded):
            raise IntegrityFailure(self._not_written(f"event {recorded.position}"), recorded.aggregate)
