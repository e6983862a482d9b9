"""Numbers, unique values, flows and timers that another program rewrote are found: the log has what must be there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.bus.blocking_calls import run_inline
from shared.domain import AlreadyTaken
from shared.store.integrity import IntegrityFailure
from shared.testing.services import open_service
from shared.worker.chain_task import ChainTask
from tests.unit.shared.sweet_shop import Shop, TooMuch, types

pytestmark = pytest.mark.case("X22")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with three labels and the numbers 1 and 2 of the series of jars."""
    shop = open_service(Shop, tmp_path)
    for label in ("Plum", "Pear", "Fig"):
        shop.jars.buy(label)
    for _ in range(2):
        shop.jars.buy_numbered("jar", refuse=False)
    shop.jars.schedule_timer(uuid4(), datetime.now(UTC))
    yield shop
    shop.store.close()


def change(shop: Shop, statement: str) -> None:
    with closing(sqlite3.connect(shop.store.location)) as db, db:
        assert db.execute(statement).rowcount > 0


def finding(shop: Shop) -> str | None:
    check = ChainTask(shop.chain, run_inline)
    check.verify_all()
    return check.failure


def test_commands_of_all_kinds_leave_tables_that_agree_with_the_log(shop: Shop) -> None:
    jar = shop.jars.buy("Kiwi")
    shop.jars.relabel(jar.id, "KIWI")
    shop.jars.relabel(jar.id, "Lime")
    for refused in (lambda: shop.jars.buy_numbered("x", refuse=True), lambda: shop.jars.buy("plum")):
        with suppress(TooMuch, AlreadyTaken):
            shop.runner.run(refused)

    def several() -> None:
        shop.jars.buy_numbered("a", refuse=False)
        shop.jars.buy_numbered("b", refuse=False)
        shop.jars.relabel(jar.id, "Date")
        shop.jars.relabel(jar.id, "Lime")

    shop.runner.run(several)
    shop.runner.run(lambda: (shop.runner.uow.release_unique("label", "Lime"), shop.jars.buy("lime")))
    assert finding(shop) is None


TIMER = "the timer 1 of shop was not written by the service or was changed since"
CHANGES = {
    "a number taken back": (
        "UPDATE number_series SET last_number=1 WHERE series='jars'",
        "the last number of jars is 1, but 2 by the events"
    ),
    "a number skipped": (
        "UPDATE number_series SET last_number=9 WHERE series='jars'",
        "the last number of jars is 9, but 2 by the events"
    ),
    "a series deleted": ("DELETE FROM number_series", "the last number of jars is 0, but 2 by the events"),
    "a series added": (
        "INSERT INTO number_series VALUES ('jugs', 7)", "the last number of jugs is 7, but 0 by the events"
    ),
    "a value deleted": (
        "DELETE FROM unique_values WHERE folded='fig'", "label has 2 reserved values, but 3 by the events"
    ),
    "a value added": (
        "INSERT INTO unique_values SELECT kind, 'nut', 'Nut', aggregate_id, mac FROM unique_values WHERE folded='fig'",
        "label has 4 reserved values, but 3 by the events",
    ),
    "a value changed": (
        "UPDATE unique_values SET value='Fug', folded='fug' WHERE folded='fig'",
        "the reserved value fug of label of shop was not written by the service or was changed since",
    ),
    "a value given to another": (
        "UPDATE unique_values SET aggregate_id=randomblob(16) WHERE folded='fig'",
        "the reserved value fig of label of shop was not written by the service or was changed since",
    ),
    "a flow deleted": (
        "DELETE FROM correlations WHERE first_position=2",
        "the index of flows is wrong for events 2 to 2 of shop; the index of flows has 4 events, but 5 by the events",
    ),
    "an event moved to another flow": (
        "UPDATE correlations SET correlation_id=randomblob(16) WHERE first_position=2",
        "the index of flows is wrong for events 2 to 2 of shop",
    ),
    "a flow of more events": (
        "UPDATE correlations SET last_position=4 WHERE first_position=2",
        "the index of flows has 7 events, but 5 by the events",
    ),
    "a flow added": (
        "INSERT INTO correlations VALUES (randomblob(16), 1, 5)",
        "the index of flows has 10 events, but 5 by the events",
    ),
    "a timer brought forward": ("UPDATE timers SET due_at=0", TIMER),
    "a timer of another record": ("UPDATE timers SET aggregate=randomblob(16)", TIMER),
    "a timer with another note": ("UPDATE timers SET note='shake harder'", TIMER),
    "a timer added": (
        "INSERT INTO timers (due_at, kind, aggregate, note, mac) SELECT 0, kind, aggregate, note, mac FROM timers",
        "the timer 2 of shop was not written by the service or was changed since",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "sentence"), CHANGES.values(), ids=CHANGES)
def test_a_changed_table_is_named(shop: Shop, statement: str, sentence: str) -> None:
    change(shop, statement)
    assert sentence in (finding(shop) or "")


def test_a_number_given_twice_stays_in_the_log(shop: Shop) -> None:
    """The series is set back, a number is taken again, and the table agrees with the last event."""
    change(shop, "UPDATE number_series SET last_number=1 WHERE series='jars'")
    shop.jars.buy_numbered("jar", refuse=False)
    assert "event 6 took number 2 of jars out of order" in (finding(shop) or "")


def test_a_changed_value_is_not_used_in_a_decision(shop: Shop) -> None:
    change(shop, "UPDATE unique_values SET aggregate_id=randomblob(16) WHERE folded='fig'")
    with pytest.raises(IntegrityFailure, match="the reserved value fig of label"):
        shop.jars.buy("FIG")


@pytest.mark.case("X6")
def test_a_changed_timer_is_not_fired(shop: Shop) -> None:
    jar = shop.jars.buy("Lime")
    due = datetime.now(UTC) + timedelta(days=30)
    shop.jars.schedule_timer(jar.id, due)
    change(shop, "UPDATE timers SET due_at=1 WHERE id=2")
    with pytest.raises(IntegrityFailure, match="the timer 2 of shop"):
        shop.timers.fire_due(due)
    assert "Shaken" not in types(shop)


def test_a_check_that_finds_nothing_writes_nothing(shop: Shop) -> None:
    check = ChainTask(shop.chain, run_inline)
    check.verify_all()
    assert shop.store.checkpoint(is_last=True)
    check.verify_all()
    assert Path(f"{shop.store.path}-wal").stat().st_size == 0
