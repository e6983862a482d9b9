"""The contract of every event store, on SQLite and on PostgreSQL."""

import json
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from shared.codec import digest
from shared.domain import AlreadyTaken
from shared.event_codec import decode_event
from shared.message import Message
from shared.store import (
    Commit,
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    InboxPosition,
    InboxPositionConflict,
    NumberSeriesConflict,
    ParkedEntry,
    RecordedEvent,
    StoreError,
    UnsupportedEventVersion,
    unique_key,
)
from shared.store.event_store import EventStore
from tests.integration.store.databases import (
    NOW,
    DatabaseFixture,
    new_event,
    owner_of,
    positions,
    reserved,
    start_writer,
    stored_response,
    wait_for_writers,
)

WRITERS = 4


def a_message(sequence: int = 7, source: str = "crm") -> Message:
    return Message(
        source, "e0e0e0e0e0e0e0e0", sequence, sequence - 1, "crm.customer.registered.v1", "crm.Customer", uuid4(), 1,
        "bert", uuid4(), "command:9", NOW, date(2026, 2, 1), b'{"code":"A"}', digest(b'{"code":"A"}'),
    )  # fmt: skip


def a_parked(sequence: int = 7, source: str = "crm") -> ParkedEntry:
    return ParkedEntry(a_message(sequence, source), "KeyError: 'x'", "f00d", 3, NOW)


def content_of(store: EventStore) -> dict[str, Any]:
    """Return the whole content of the store."""
    return {
        "log": store.log(0, 10_000),
        "published": store.published_events(0, 10_000),
        "heads": (store.head(), store.published_head()),
        "answers": [
            store.get_idempotency_record(caller, key) for caller in ("anna", "bert") for key in ("key", "other")
        ],
        "owners": [owner_of(store, value) for value in "AB"],
        "numbers": [store.last_number(series) for series in ("jars", "lids")],
        "inbox_positions": [store.get_inbox_position(source) for source in ("crm", "erp")],
        "parked": store.parked_entries(),
        "timers": [
            (each.due_at, each.kind, each.aggregate, each.note) for each in store.due_timers(NOW + timedelta(days=9))
        ],
    }


# -- one transaction

OWNER, JAR, LID = UUID(int=1), UUID(int=2), UUID(int=3)
CONSUMED = InboxPosition("crm", "e0e0e0e0e0e0e0e0", 7, 70)


@pytest.fixture
def used_store(store: EventStore) -> EventStore:
    """A store with events."""
    store.commit(
        Commit(
            events=[new_event(JAR, published="{}"), new_event(LID)],
            idempotency_record=stored_response("other"),
            reservations=reserved("A", OWNER),
            numbers={"jars": (0, 3)},
            timers=[(NOW, "shop.Jar", JAR, "first")],
            inbox_position=CONSUMED,
            to_park=[a_parked(5)],
        )
    )
    return store


def a_full_commit() -> Commit:
    """Return a commit with every kind of part, all of them valid in `used_store`."""
    return Commit(
        events=[new_event(JAR, 2, published='{"n":2}'), new_event(uuid4()), new_event(JAR, 3, published='{"n":3}')],
        idempotency_record=stored_response("key"),
        reservations=reserved("B", OWNER),
        released=[(unique_key("code", "A"), "A")],
        numbers={"jars": (3, 5), "lids": (0, 1)},
        timers=[(NOW, "shop.Jar", JAR, "second")],
        unchanged={LID: 1},
        inbox_position=replace(CONSUMED, position=8, hint=80),
        previous_inbox_position=CONSUMED,
        to_park=[a_parked(8)],
        to_unpark=[("crm", "e0e0e0e0e0e0e0e0", 5)],
    )


def test_every_part_of_a_commit_is_stored(used_store: EventStore) -> None:
    commit = a_full_commit()
    (first,) = used_store.due_timers(NOW)
    commit.fired_timers = [first.id]
    stored = used_store.commit(commit)

    assert positions(stored) == [3, 4, 5]
    known = content_of(used_store)
    assert known["log"][2:] == stored
    assert [(each.aggregate, each.version, each.state) for each in stored] == [
        (each.aggregate, each.version, each.state) for each in commit.events
    ]
    assert known["answers"] == [stored_response("key"), stored_response("other"), None, None]
    assert known["owners"] == [None, OWNER]
    assert known["numbers"] == [5, 1]
    assert known["inbox_positions"] == [commit.inbox_position, None]
    assert [(each.message.sequence, each) for each in known["parked"]] == [(8, commit.to_park[0])]
    assert known["timers"] == [(NOW, "shop.Jar", JAR, "second")]


def with_invalid_part(part: str, commit: Commit) -> Commit:
    """Return the commit with one invalid part."""
    invalid_parts: dict[str, dict[str, Any]] = {
        "an old version": {"events": [*commit.events, new_event(LID, 1)]},
        "a version twice": {"events": [*commit.events, new_event(OWNER, 1), new_event(OWNER, 1)]},
        "a used key": {"idempotency_record": stored_response("other", b"another body")},
        "a taken code": {"released": []},
        "a used number": {"numbers": {"lids": (0, 1), "jars": (2, 3)}},
        "a first number twice": {"numbers": {"jars": (0, 1)}},
        "a position of long ago": {"previous_inbox_position": replace(CONSUMED, position=6)},
        "another epoch": {"previous_inbox_position": replace(CONSUMED, epoch="f0f0f0f0f0f0f0f0")},
        "a first inbox position twice": {"previous_inbox_position": None},
        "a changed bystander": {"unchanged": {LID: 1, JAR: 0}},
        "a bystander that is not there": {"unchanged": {uuid4(): 1}},
        "a message parked twice": {"to_park": [a_parked(8), a_parked(5)], "to_unpark": []},
        "a message not parked": {"to_unpark": [("crm", "e0e0e0e0e0e0e0e0", 6)]},
        "a timer that is gone": {"fired_timers": [987_654]},
    }
    if part == "a taken code":
        return replace(commit, released=[], reservations=reserved("A", uuid4()))
    return replace(commit, **invalid_parts[part])


@pytest.mark.parametrize(
    ("part", "error"),
    [
        ("an old version", ConcurrencyConflict),
        ("a version twice", ConcurrencyConflict),
        ("a used key", DuplicateIdempotencyKey),
        ("a taken code", AlreadyTaken),
        ("a used number", NumberSeriesConflict),
        ("a first number twice", NumberSeriesConflict),
        ("a position of long ago", InboxPositionConflict),
        ("another epoch", InboxPositionConflict),
        ("a first inbox position twice", InboxPositionConflict),
        ("a changed bystander", ConcurrencyConflict),
        ("a bystander that is not there", ConcurrencyConflict),
        ("a message parked twice", InboxPositionConflict),
        ("a message not parked", InboxPositionConflict),
        ("a timer that is gone", InboxPositionConflict),
    ],
)
def test_a_commit_with_one_invalid_part_stores_nothing(
    used_store: EventStore, part: str, error: type[Exception]
) -> None:
    before = content_of(used_store)
    with pytest.raises(error):
        used_store.commit(with_invalid_part(part, a_full_commit()))
    assert content_of(used_store) == before
    assert positions(used_store.commit(a_full_commit())) == [3, 4, 5]


def test_a_repeated_idempotency_key_is_reported_before_other_conflicts(used_store: EventStore) -> None:
    """A repeated command conflicts in every part; the error names the idempotency key."""
    with pytest.raises(DuplicateIdempotencyKey):
        used_store.commit(
            Commit(
                events=[new_event(JAR, 1)],
                idempotency_record=stored_response("other"),
                reservations=reserved("A", JAR),
            )
        )


def test_the_error_names_the_code_that_is_taken(used_store: EventStore) -> None:
    with pytest.raises(AlreadyTaken, match="code A is already in use: choose another") as refused:
        used_store.commit(Commit(reservations=reserved("A", OWNER, "customer.code") | reserved("A", JAR)))
    assert refused.value.field == "code"
    assert owner_of(used_store, "A", "customer.code") is None


def test_a_released_code_can_be_reserved_in_the_same_commit(used_store: EventStore) -> None:
    used_store.commit(Commit(released=[(unique_key("code", "A"), "A")], reservations=reserved("A", JAR)))
    assert owner_of(used_store, "A") == JAR
    used_store.commit(Commit(released=[(unique_key("code", "A"), "A")]))
    assert owner_of(used_store, "A") is None


def test_only_commits_with_events_are_notified(store: EventStore) -> None:
    notified_heads: list[int] = []
    store.on_commit = lambda: notified_heads.append(store.head())
    store.commit(Commit(events=[new_event()]))
    store.commit(Commit(reservations=reserved("A", OWNER)))
    with pytest.raises(AlreadyTaken):
        store.commit(Commit(events=[new_event()], reservations=reserved("A", OWNER)))
    assert notified_heads == [1]


# -- reading


def test_the_events_of_one_aggregate_are_returned_in_order(store: EventStore) -> None:
    store.commit(Commit(events=[new_event(JAR, 1), new_event(LID, 1), new_event(JAR, 2)]))
    store.commit(Commit(events=[new_event(LID, 2), new_event(JAR, 3)]))
    assert [(each.position, each.version) for each in store.events(JAR)] == [(1, 1), (3, 2), (5, 3)]
    assert [each.version for each in store.events(JAR, after_version=1)] == [2, 3]
    assert [each.version for each in store.events(JAR, until_position=4)] == [1, 2]
    assert store.events(uuid4()) == []


def test_the_log_is_read_by_page_and_type(store: EventStore) -> None:
    store.commit(Commit(events=[new_event(aggregate_type=f"shop.Jar.{kind}") for kind in "abcab"]))
    assert positions(store.log(0, 2)) == [1, 2]
    assert positions(store.log(2, 10)) == [3, 4, 5]
    assert positions(store.log(0, 10, until=3)) == [1, 2, 3]
    assert positions(store.log(0, 10, types=("shop.Jar.a", "shop.Jar.c"))) == [1, 3, 4]
    assert positions(store.log(1, 1, types=("shop.Jar.a",), until=4)) == [4]
    assert store.log(0, 10, types=()) == []
    assert store.log(5, 10) == []
    assert store.head() == 5


def test_correlated_events_are_found_across_commits(store: EventStore) -> None:
    mine, other = uuid4(), uuid4()

    def commit_events(*correlation_ids: UUID | None) -> None:
        events = [structs.replace(new_event(uuid4()), correlation_id=each) for each in correlation_ids]
        store.commit(Commit(events=events))

    commit_events(mine, mine, other, mine)
    commit_events(other)
    commit_events(mine, None)
    head = store.head()
    assert [each.position for each in store.correlated_events(mine, 0, 10, head)] == [1, 2, 4, 6]
    assert [each.position for each in store.correlated_events(mine, 2, 1, head)] == [4]
    assert [each.position for each in store.correlated_events(mine, 0, 10, 5)] == [1, 2, 4]
    assert [each.position for each in store.correlated_events(other, 0, 10, head)] == [3, 5]
    assert store.correlated_events(uuid4(), 0, 10, head) == []


def test_an_empty_store_has_no_events(store: EventStore) -> None:
    known = content_of(store)
    assert known["heads"] == (0, 0)
    assert known["numbers"] == [0, 0]
    assert not any([known["log"], known["published"], known["parked"], known["timers"], *known["owners"]])
    assert store.next_timer_at() is None


def test_stored_bytes_are_returned_unchanged(store: EventStore) -> None:
    odd = 'ä€😀 "\\ \u0001'
    (stored,) = store.commit(
        Commit(events=[new_event(text=odd)], idempotency_record=stored_response(body=bytes(range(256))))
    )
    assert json.loads(stored.state)["text"] == odd
    assert store.log(0, 1) == [stored]
    known = store.get_idempotency_record("anna", "key")
    assert known is not None
    assert known.body == bytes(range(256))


def test_each_published_event_names_the_previous_one(store: EventStore) -> None:
    events = [new_event(JAR, 1, published='{"n":1}'), new_event(JAR, 2), new_event(JAR, 3, published='{"n":3}')]
    store.commit(Commit(events=events))
    store.commit(Commit(events=[new_event(LID, 1)]))
    (last,) = store.commit(Commit(events=[new_event(JAR, 4, published='{"n":4}')]))

    published = store.published_events(0, 10)
    assert [(each.sequence, each.previous, each.data) for each in published] == [
        (1, 0, b'{"n":1}'),
        (3, 1, b'{"n":3}'),
        (5, 3, b'{"n":4}'),
    ]
    assert store.published_head() == 5
    assert store.published_events(1, 1) == published[1:2]
    message = published[2]
    assert (message.source, message.epoch, message.id) == ("shop", store.epoch, f"shop:{store.epoch}-5")
    assert (message.type, message.aggregate_type) == ("shop.jar.filled.v1", "shop.Jar")
    assert (message.aggregate, message.version) == (JAR, 4)
    assert (message.actor, message.causation_id, message.effective_on) == ("anna", "command:1", date(2026, 1, 31))
    assert (message.recorded_at, message.digest) == (last.recorded_at, digest(b'{"n":4}'))
    assert message.traceparent == "00-trace-01"


def test_a_stored_response_belongs_to_its_caller(store: EventStore) -> None:
    store.commit(Commit(idempotency_record=stored_response(body=b"for anna")))
    store.commit(Commit(idempotency_record=stored_response(body=b"for bert", caller="bert")))
    assert store.get_idempotency_record("anna", "key") == stored_response(body=b"for anna")
    assert store.get_idempotency_record("bert", "key") == stored_response(body=b"for bert", caller="bert")
    assert store.get_idempotency_record("carl", "key") is None


# -- time


def test_the_recorded_time_never_goes_back(store: EventStore) -> None:
    clock = iter([NOW, NOW - timedelta(days=1), NOW + timedelta(microseconds=1)])
    store.now = lambda: next(clock)  # type: ignore[attr-defined]
    times = [{each.recorded_at for each in store.commit(Commit(events=[new_event(), new_event()]))} for _ in range(3)]
    assert times == [{NOW}, {NOW}, {NOW + timedelta(microseconds=1)}]
    assert [each.recorded_at for each in store.log(0, 9)][-2:] == [NOW + timedelta(microseconds=1)] * 2


def test_recorded_times_are_in_utc_to_the_microsecond(store: EventStore) -> None:
    before = datetime.now(UTC)
    (stored,) = store.commit(Commit(events=[new_event()]))
    assert before <= stored.recorded_at <= datetime.now(UTC)
    assert stored.recorded_at.utcoffset() == timedelta(0)
    assert store.log(0, 1)[0].recorded_at == stored.recorded_at


def test_timers_come_due_in_order_and_fire_once(store: EventStore) -> None:
    later, soon = NOW + timedelta(microseconds=1), NOW - timedelta(days=1)
    store.commit(
        Commit(timers=[(later, "shop.Jar", JAR, "c"), (NOW, "shop.Jar", JAR, "b"), (soon, "shop.Lid", LID, "a")])
    )
    due = store.due_timers(NOW)
    assert [(each.due_at, each.kind, each.aggregate, each.note) for each in due] == [
        (soon, "shop.Lid", LID, "a"),
        (NOW, "shop.Jar", JAR, "b"),
    ]
    assert store.due_timers(NOW, limit=1) == due[:1]
    assert store.next_timer_at() == soon
    store.commit(Commit(events=[new_event()], fired_timers=[each.id for each in due]))
    with pytest.raises(InboxPositionConflict):
        store.commit(Commit(events=[new_event()], fired_timers=[due[1].id]))
    assert store.head() == 1
    assert store.next_timer_at() == later


# -- inbox


def test_an_inbox_position_advances_only_from_the_current_position(store: EventStore) -> None:
    first, second = InboxPosition("crm", "a" * 16, 5, 50), InboxPosition("crm", "a" * 16, 9, 90)
    store.commit(Commit(inbox_position=first))
    store.commit(Commit(events=[new_event()], inbox_position=second, previous_inbox_position=first))
    assert store.get_inbox_position("crm") == second
    with pytest.raises(InboxPositionConflict):
        store.commit(Commit(events=[new_event()], inbox_position=second, previous_inbox_position=first))
    assert store.head() == 1
    assert store.get_inbox_position("erp") is None


def test_two_workers_consume_a_message_once(place: DatabaseFixture) -> None:
    first, second = place.open(), place.open()
    before = InboxPosition("crm", "a" * 16, 1, 1)
    first.commit(Commit(inbox_position=before))
    after = replace(before, position=2)
    outcomes = together(
        lambda: first.commit(Commit(events=[new_event()], inbox_position=after, previous_inbox_position=before)),
        lambda: second.commit(Commit(events=[new_event()], inbox_position=after, previous_inbox_position=before)),
    )
    assert Counter(type(each).__name__ for each in outcomes) == {"list": 1, "InboxPositionConflict": 1}
    assert first.head() == 1


def test_a_source_has_parked_messages_or_none(store: EventStore) -> None:
    store.commit(Commit(to_park=[a_parked(4, "erp")]))
    assert [each for each in ("crm", "erp") if store.has_parked_messages(each)] == ["erp"]


def test_parked_messages_are_returned_in_order(store: EventStore) -> None:
    waiting = [a_parked(12), a_parked(3), a_parked(4, "erp"), a_parked(100)]
    for each in waiting:
        store.commit(Commit(to_park=[each]))
    assert [(each.message.source, each.message.sequence) for each in store.parked_entries()] == [
        ("crm", 3),
        ("crm", 12),
        ("crm", 100),
        ("erp", 4),
    ]
    assert store.parked_entries("erp") == [waiting[2]]
    store.commit(Commit(to_unpark=[("crm", "e0e0e0e0e0e0e0e0", 12)]))
    assert [each.message.sequence for each in store.parked_entries("crm")] == [3, 100]


# -- migrate, open, restore


def test_only_migrate_creates_a_store(place: DatabaseFixture) -> None:
    with pytest.raises(StoreError, match="run migrate first"):
        place.open(migrated=False).check()
    place.open().check()
    place.open(migrated=False).check()


def test_a_second_migration_keeps_all_content(used_store: EventStore, place: DatabaseFixture) -> None:
    before = content_of(used_store)
    again = place.open()
    assert content_of(again) == before
    assert again.epoch == used_store.epoch


def test_a_reopened_store_has_the_same_content(place: DatabaseFixture) -> None:
    first = place.open()
    epoch = first.epoch
    first.commit(a_first_commit())
    before = content_of(first)
    first.close()
    again = place.open(migrated=False)
    assert (again.epoch, content_of(again)) == (epoch, before)
    assert len(epoch) == 16
    int(epoch, 16)


def a_first_commit() -> Commit:
    return Commit(events=[new_event(JAR, published="{}")], reservations=reserved("A", JAR), numbers={"jars": (0, 1)})


def test_the_store_of_another_service_is_refused(place: DatabaseFixture) -> None:
    place.open()
    place.change("UPDATE store_identity SET service='bakery'")
    with pytest.raises(StoreError, match="bakery"):
        place.open(migrated=False).check()


def test_a_store_reports_whether_it_is_writable(store: EventStore) -> None:
    before = content_of(store)
    store.require_writable()
    store.require_writable()
    assert content_of(store) == before


def test_a_message_stored_by_newer_code_is_refused(store: EventStore) -> None:
    (unknown,) = store.commit(Commit(events=[new_event(aggregate_type="shop.Jar.Teleported")]))
    with pytest.raises(UnsupportedEventVersion, match="position 1"):
        decode_event(store.log(0, 1)[0])
    assert unknown.type == "shop.Jar.Teleported"


# -- concurrency


def together(*works: Callable[[], Any]) -> list[Any]:
    """Return the result or error of each function; all are started at the same moment."""
    begin = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        begin.wait()
        try:
            return work()
        except Exception as raised:
            return raised

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_an_idempotency_key_used_concurrently_has_one_effect(place: DatabaseFixture) -> None:
    stores = [place.open() for _ in range(2)]

    def use(number: int) -> Callable[[], Any]:
        commit = Commit(events=[new_event()], idempotency_record=stored_response(body=str(number).encode()))
        return lambda: stores[number % 2].commit(commit)

    outcomes = together(*[use(number) for number in range(8)])
    assert Counter(type(each).__name__ for each in outcomes) == {"list": 1, "DuplicateIdempotencyKey": 7}
    (winner,) = (number for number, each in enumerate(outcomes) if isinstance(each, list))
    known = stores[0].get_idempotency_record("anna", "key")
    assert known is not None
    assert known.body == str(winner).encode()
    assert stores[0].head() == 1


def test_a_repeated_command_waits_for_the_response_of_the_running_one(place: DatabaseFixture) -> None:
    """Otherwise the second would run on the state changed by the first and be refused instead of answered."""
    first, second = place.open(), place.open()
    looked = threading.Event()
    found: list[Any] = []

    def repeat() -> None:
        looked.wait(60)
        with second.exclusive():
            found.append(second.get_idempotency_record("anna", "key"))

    waiting = threading.Thread(target=repeat)
    waiting.start()
    with first.exclusive():
        assert first.get_idempotency_record("anna", "key") is None
        looked.set()
        waiting.join(timeout=0.2)
        assert found == []
        first.commit(Commit(events=[new_event()], idempotency_record=stored_response()))
    waiting.join()
    assert found == [stored_response()]


def test_a_code_reserved_concurrently_has_one_owner(place: DatabaseFixture) -> None:
    stores = [place.open() for _ in range(2)]
    owners = [uuid4() for _ in range(8)]
    outcomes = together(
        *[
            lambda owner=owner, store=stores[number % 2]: store.commit(
                Commit(events=[new_event(owner)], reservations=reserved("A", owner))
            )
            for number, owner in enumerate(owners)
        ]
    )
    assert Counter(type(each).__name__ for each in outcomes) == {"list": 1, "AlreadyTaken": 7}
    assert [owner_of(stores[0], "A")] == [each.aggregate for each in stores[0].log(0, 9)]


COUNTING = """
jar, times = UUID(sys.argv[2]), int(sys.argv[3])
for _ in range(times):
    with store.exclusive():
        store.lock_aggregate(jar)
        version = len(store.events(jar))
        store.commit(Commit(events=[new_event(jar, version + 1)]))
"""


def test_commands_on_the_same_aggregate_run_one_after_the_other(place: DatabaseFixture) -> None:
    """No conflict occurs, so no command is repeated."""
    store = place.open()
    wait_for_writers([start_writer(COUNTING, place.address, str(JAR), "25") for _ in range(WRITERS)])
    assert [each.version for each in store.events(JAR)] == list(range(1, 25 * WRITERS + 1))


CROSSING = """
ids = [UUID(each) for each in sys.argv[2].split(",")]
for _ in range(6):
    while True:
        try:
            with store.exclusive():
                versions = []
                for each in ids:
                    store.lock_aggregate(each)
                    versions.append(len(store.events(each)))
                store.commit(Commit(events=[new_event(*pair) for pair in zip(ids, [v + 1 for v in versions])]))
            break
        except ConcurrencyConflict:
            continue
"""


def test_commands_that_lock_in_opposite_order_do_not_deadlock(place: DatabaseFixture) -> None:
    store = place.open()
    there, back = f"{JAR},{LID}", f"{LID},{JAR}"
    wait_for_writers([start_writer(CROSSING, place.address, order) for order in (there, back, there, back)])
    assert len(store.events(JAR)) == len(store.events(LID)) == 24


NUMBERING = """
name, times, taken = sys.argv[2], int(sys.argv[3]), UUID(int=2)
for turn in range(times):
    last_try = turn % 3 == 2
    while True:
        with suppress(NumberSeriesConflict), store.exclusive():
            last = store.last_number("invoices")
            events = [new_event(published="{}", text=str(last + 1)), new_event()]
            if last_try:
                with suppress(ConcurrencyConflict):
                    store.commit(Commit(events=[*events, new_event(taken, 1)], numbers={"invoices": (last, last + 1)}))
            else:
                store.commit(Commit(events=events, numbers={"invoices": (last, last + 1)}))
            break
"""


def test_numbers_and_positions_have_no_gap_after_failed_writers(place: DatabaseFixture) -> None:
    store = place.open()
    store.commit(Commit(events=[new_event(JAR)]))
    wait_for_writers([start_writer(NUMBERING, place.address, str(number), "30") for number in range(WRITERS)])

    stored = 20 * WRITERS
    numbers = [int(json.loads(each.state)["text"] or 0) for each in store.log(0, 10_000)]
    assert sorted(each for each in numbers if each) == list(range(1, stored + 1))
    assert [each for each in numbers if each] == list(range(1, stored + 1))
    assert store.last_number("invoices") == stored
    assert positions(store.log(0, 10_000)) == list(range(1, 2 * stored + 2))


TAKING_NUMBERS = """
for _ in range(15):
    with store.exclusive():
        last = store.last_number("invoices")
        store.commit(Commit(events=[new_event()], numbers={"invoices": (last, last + 1)}))
"""


def test_users_of_a_number_series_run_one_after_the_other(place: DatabaseFixture) -> None:
    """They wait from the first read of the series, so that no command is repeated."""
    store = place.open()
    wait_for_writers([start_writer(TAKING_NUMBERS, place.address) for _ in range(WRITERS)])
    assert store.last_number("invoices") == store.head() == 15 * WRITERS


WRITING = """
for number in range(int(sys.argv[2])):
    events = [new_event(text="1"), new_event(published="{}", text="2"), new_event(text="3")]
    store.commit(Commit(events=events[: 1 + number % 3]))
"""


def test_a_reader_that_follows_the_log_misses_no_event(place: DatabaseFixture) -> None:
    store, follower = place.open(), place.open()
    writing = [start_writer(WRITING, place.address, "60") for _ in range(WRITERS)]
    seen: list[RecordedEvent] = []
    consumed: list[Message] = []

    def follow() -> int:
        head = follower.head()
        seen.extend(follower.log(seen[-1].position if seen else 0, 50))
        consumed.extend(follower.published_events(consumed[-1].sequence if consumed else 0, 50))
        assert head <= follower.head()
        return len(seen)

    while any(each.poll() is None for each in writing):
        follow()
    wait_for_writers(writing)
    while len(seen) < store.head():
        assert follow()
    while consumed[-1].sequence < store.published_head():
        follow()

    assert positions(seen) == list(range(1, 120 * WRITERS + 1))
    assert seen == store.log(0, 10_000)
    assert [each.recorded_at for each in seen] == sorted(each.recorded_at for each in seen)
    assert [each.previous for each in consumed] == [0, *(each.sequence for each in consumed)][:-1]
    assert consumed == store.published_events(0, 10_000)


WRITING_UNTIL_KILLED = """
number = 0
while True:
    number += 1
    jar, key = uuid4(), f"{sys.argv[2]} {number}"
    events = [new_event(jar, version, published="{}", text=key) for version in (1, 2, 3)]
    store.commit(Commit(events=events, idempotency_record=stored_response(key), reservations=reserved(key, jar)))
    print(key, flush=True)
"""


def test_a_writer_killed_during_a_commit_stores_all_or_nothing(place: DatabaseFixture) -> None:
    store = place.open()
    printed_keys: list[str] = []
    for round_ in range(6):
        writer = start_writer(WRITING_UNTIL_KILLED, place.address, str(round_))
        assert writer.stdout is not None
        printed_keys += [writer.stdout.readline().strip() for _ in range(3 + 4 * round_)]
        writer.send_signal(signal.SIGKILL)
        printed_keys += writer.communicate()[0].split("\n")[:-1]

    log = store.log(0, 10_000)
    by_key = Counter(json.loads(each.state)["text"] for each in log)
    assert set(by_key.values()) == {3}
    assert set(printed_keys) <= set(by_key)
    assert len(by_key) <= len(printed_keys) + 6
    assert positions(log) == list(range(1, len(log) + 1))
    assert [each.sequence for each in store.published_events(0, 10_000)] == positions(log)
    for key in by_key:
        assert store.get_idempotency_record("anna", key) == stored_response(key)
        assert owner_of(store, key) is not None
    store.commit(Commit(events=[new_event()]))


def test_an_exclusive_section_can_be_nested(store: EventStore) -> None:
    with store.exclusive(), store.exclusive():
        store.lock_aggregate(JAR)
        store.commit(Commit(events=[new_event(JAR)]))
        assert [each.version for each in store.events(JAR)] == [1]
        with pytest.raises(ConcurrencyConflict):
            store.commit(Commit(events=[new_event(LID), new_event(JAR)], reservations=reserved("A", LID)))
        store.commit(Commit(events=[new_event(JAR, 2)]))
    assert (store.head(), store.events(LID), owner_of(store, "A")) == (2, [], None)


def test_an_exclusive_section_is_released_after_an_error(place: DatabaseFixture) -> None:
    first, second = place.open(), place.open()
    with suppress(ZeroDivisionError), first.exclusive():
        first.lock_aggregate(JAR)
        first.events(JAR)
        raise ZeroDivisionError
    with second.exclusive():
        second.lock_aggregate(JAR)
        second.commit(Commit(events=[new_event(JAR)]))
    assert first.head() == 1
