"""A program that writes to the database without the service's key changes nothing unnoticed, on both databases."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.store import Commit, StoreError
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure, IntegrityKey
from tests.integration.store.databases import DatabaseFixture, new_event, positions, stored_response

JAR, LID = (UUID(int=number) for number in (1, 2))

pytestmark = pytest.mark.case("X6", "X23")


@pytest.fixture
def filled(store: EventStore) -> EventStore:
    """A store with five events at positions 1 to 5; the odd ones are published, 1, 3 and 5 of the jar, 2 and 4 not."""
    store.commit(Commit(events=[new_event(JAR, 1, published='{"n":1}')]))
    store.commit(Commit(events=[new_event(LID, 1), new_event(JAR, 2, published='{"n":3}')]))
    store.commit(Commit(events=[new_event(LID, 2), new_event(JAR, 3, published='{"n":5}')]))
    return store


def bytes_literal(place: DatabaseFixture, content: bytes) -> str:
    return f"x'{content.hex()}'" if place.on_sqlite else f"'\\x{content.hex()}'::bytea"


def copy_of(table: str, number: int, store: EventStore, place: DatabaseFixture, /, **other: str) -> str:
    """Return a statement that inserts a copy of a row with other columns."""
    columns = [name for (name,) in store._fetch_all(store.COLUMNS, (table,))]
    selected = ", ".join(other.get(name, name) for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {table} WHERE position={number}"


CHANGED_EVENTS = {
    "its content": "UPDATE events SET state={other} WHERE position=3",
    "its type": "UPDATE events SET type='shop.Jar.Emptied' WHERE position=3",
    "its seal": "UPDATE events SET mac={other} WHERE position=3",
    "what it published": "UPDATE events SET published_digest={nothing} WHERE position=3",
    "the seal of another event": "UPDATE events SET mac=(SELECT mac FROM events WHERE position=1) WHERE position=3",
    "its place": "DELETE FROM events WHERE position=3",
}


@pytest.mark.parametrize("change", CHANGED_EVENTS.values(), ids=CHANGED_EVENTS)
def test_an_aggregate_with_a_changed_event_cannot_be_loaded_and_others_can(
    filled: EventStore, place: DatabaseFixture, change: str
) -> None:
    place.change(change.format(other=bytes_literal(place, b"{}"), nothing=bytes_literal(place, b"")))
    with pytest.raises(IntegrityFailure) as failure:
        filled.events(JAR)
    assert failure.value.aggregate == JAR
    assert positions(filled.events(LID)) == [2, 4]


def test_an_appended_event_is_refused_wherever_events_are_read(filled: EventStore, place: DatabaseFixture) -> None:
    place.change(copy_of("events", 5, filled, place, position="6", version="4"))
    for read in (lambda: filled.events(JAR), lambda: filled.log(0, 10), lambda: filled.log(5, 1)):
        with pytest.raises(IntegrityFailure, match="event 6 of shop was not written by the service"):
            read()
    assert positions(filled.log(0, 5)) == [1, 2, 3, 4, 5]
    assert positions(filled.log_as_stored(0, 10)) == [1, 2, 3, 4, 5, 6]


def test_an_event_of_another_store_is_refused(filled: EventStore, place: DatabaseFixture, tmp_path: Path) -> None:
    """A stranger may run the suite with a key of their own; their events are no events of this service."""
    other = DatabaseFixture(str(tmp_path / "other.db")).open()
    stored = other.commit(Commit(events=[new_event(JAR, 4)]))[0]
    place.change(
        copy_of("events", 5, filled, place, position="6", version="4", mac=bytes_literal(place, stored.mac),
                state=bytes_literal(place, stored.state), published_digest=bytes_literal(place, b""))
    )  # fmt: skip
    with pytest.raises(IntegrityFailure):
        filled.events(JAR)


def test_a_message_put_into_the_outbox_is_not_published(filled: EventStore, place: DatabaseFixture) -> None:
    place.change(copy_of("outbox", 5, filled, place, position="9", previous_position="5"))
    assert [each.sequence for each in filled.published_events(0, 10)] == [1, 3, 5]
    with pytest.raises(IntegrityFailure, match="message 9"):
        filled.published_events(5, 10)


def test_a_message_for_an_event_that_published_nothing_is_not_published(
    filled: EventStore, place: DatabaseFixture
) -> None:
    place.change(copy_of("outbox", 3, filled, place, position="4", previous_position="3"))
    assert [each.sequence for each in filled.published_events(0, 10)] == [1, 3]
    with pytest.raises(IntegrityFailure, match="message 4"):
        filled.published_events(3, 10)
    with pytest.raises(IntegrityFailure, match="message 4"):
        filled.verify_outbox(filled.log(0, 10))


CHANGED_MESSAGES = {
    "its content": "UPDATE outbox SET data={other} WHERE position=3",
    "its type": "UPDATE outbox SET type='shop.jar.emptied.v1' WHERE position=3",
    "its aggregate": "UPDATE outbox SET aggregate=(SELECT aggregate FROM events WHERE position=2) WHERE position=3",
    "its actor": "UPDATE outbox SET meta={other} WHERE position=3",
    "its predecessor": "UPDATE outbox SET previous_position=2 WHERE position=3",
    "its recorded time": "UPDATE outbox SET recorded_at=recorded_at+1 WHERE position=3",
    "its traceparent": "UPDATE outbox SET traceparent='00-trace-02' WHERE position=3",
    "its digest": "UPDATE outbox SET digest='0' WHERE position=3",
}


@pytest.mark.parametrize("change", CHANGED_MESSAGES.values(), ids=CHANGED_MESSAGES)
def test_no_message_is_published_after_a_changed_one(filled: EventStore, place: DatabaseFixture, change: str) -> None:
    place.change(change.format(other=bytes_literal(place, b"{}")))
    assert [each.sequence for each in filled.published_events(0, 10)] == [1]
    with pytest.raises(IntegrityFailure, match="message 3"):
        filled.published_events(1, 10)


def test_a_deleted_message_is_noticed_by_the_next_one_and_by_the_check(
    filled: EventStore, place: DatabaseFixture
) -> None:
    place.change("DELETE FROM outbox WHERE position=3")
    with pytest.raises(IntegrityFailure, match="message 5, or one before it"):
        filled.published_events(1, 10)
    with pytest.raises(IntegrityFailure, match="message 3"):
        filled.verify_outbox(filled.log(0, 10))


def test_a_stored_response_that_was_changed_is_not_repeated(store: EventStore, place: DatabaseFixture) -> None:
    store.commit(Commit(events=[new_event()], idempotency_record=stored_response(body=b'{"total":"10"}')))
    assert store.get_idempotency_record("anna", "key") == stored_response(body=b'{"total":"10"}')
    changed = bytes_literal(place, b'{"total":"99"}')
    place.change(f"UPDATE stored_responses SET body={changed}")
    with pytest.raises(IntegrityFailure, match="a stored response of shop"):
        store.get_idempotency_record("anna", "key")


def test_a_suspended_aggregate_is_refused_until_it_is_found_genuine_again(filled: EventStore) -> None:
    filled.suspend({JAR: "event 3 of shop was changed"})
    with pytest.raises(IntegrityFailure, match="event 3 of shop was changed"):
        filled.events(JAR, after_version=3)
    assert positions(filled.events(LID)) == [2, 4]
    filled.suspend({LID: "event 2 of shop was changed"}, only=True)
    assert positions(filled.events(JAR)) == [1, 3, 5]
    with pytest.raises(IntegrityFailure):
        filled.events(LID)


def test_a_store_whose_key_was_lost_is_refused_with_what_to_do(filled: EventStore, place: DatabaseFixture) -> None:
    reopened = place.open(migrated=False)
    reopened.integrity_key = IntegrityKey(Path(place.address).with_name(f"{uuid4()}.integrity"))
    for step in (reopened.migrate, lambda: reopened.log(0, 10)):
        with pytest.raises(StoreError, match="is missing or damaged: restore it from the backup of the keys"):
            step()
