"""A record whose stored events were changed from outside answers 503 until an operator decides; others go on."""

import pytest

from shared.bus.blocking_calls import run_inline
from shared.worker.chain_task import ChainTask
from tests.unit.shared.web.shop import a_note, create_caller, open_shop

pytestmark = pytest.mark.case("X6", "X23")


def change(shop, statement, *values):
    shop.store._connections.get().execute(statement, values)


CHANGES = {
    "another name": "CAST(replace(CAST(state AS TEXT), 'Ann', 'Bob') AS BLOB)",
    "a text in place of bytes": "replace(CAST(state AS TEXT), 'Ann', 'Bob')",
    "no JSON": "x'ff'",
    "nothing": "x''",
}


@pytest.fixture
def two_notes(caller):
    return [caller.post("/notes", json=a_note(code=code)).json["id"] for code in ("N-1", "N-2")]


def statuses(caller, note_id):
    """Statuses of reading the note, and of a command on it."""
    placed = caller.post(f"/notes/{note_id}/place", json={"effective_on": "2026-03-03"})
    return caller.get(f"/notes/{note_id}").status_code, placed.status_code


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_changed_record_is_refused_when_it_is_loaded(shop, caller, two_notes, tmp_path, changed):
    change(shop, f"UPDATE events SET state={changed} WHERE position=1")
    shop.store.close()
    restarted = create_caller(open_shop(tmp_path))
    refused = restarted.post(f"/notes/{two_notes[0]}/place", json={"effective_on": "2026-03-03"})
    assert (refused.status_code, refused.json["code"]) == (503, "integrity")
    assert "An operator must decide" in refused.json["detail"]
    assert statuses(restarted, two_notes[1]) == (200, 200)


def test_the_check_suspends_a_record_that_is_in_the_cache_until_its_events_are_as_before(shop, caller, two_notes):
    check = ChainTask(shop.chain, run_inline)
    check.verify_all()
    [(state,)] = shop.store._fetch_all("SELECT state FROM events WHERE position=1")
    change(shop, "UPDATE events SET state=? WHERE position=1", state.replace(b"Ann", b"Bob"))
    check.verify_all()
    assert "event 1 of shop" in check.failure
    assert statuses(caller, two_notes[0]) == (503, 503)
    assert statuses(caller, two_notes[1]) == (200, 200)
    change(shop, "UPDATE events SET state=? WHERE position=1", state)
    check.verify_all()
    assert statuses(caller, two_notes[0]) == (200, 200)


def test_an_appended_event_has_no_effect_and_is_neither_chained_nor_signed(shop, caller, two_notes):
    check = ChainTask(shop.chain, run_inline)
    change(
        shop,
        """INSERT INTO events SELECT 3, aggregate, 2, 'shop.Note.Placed', recorded_at, state, published_digest, mac
        FROM events WHERE position=1""",
    )
    check.verify_all()
    assert check.failure == "event 3 of shop is forged or changed"
    assert shop.chain.latest_checkpoint().position == 0
    assert statuses(caller, two_notes[0]) == (503, 503)
    assert statuses(caller, two_notes[1]) == (200, 200)
