"""Endpoints of every service besides its resources: health, metrics, audit log and event feed."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
import pytest

from shared.codec import DecodeError
from shared.contracts import crm
from shared.ndjson import decode_message_line, encode_message_line
from shared.testing.services import catch_up, open_service
from shared.testing.web import create_client, field_errors
from tests.unit.shared.web.shop import Note, Shop, a_note, commands, notes


class PublishingShop(Shop):
    """Shop that publishes its notes."""

    NAME = "publisher"


def test_a_running_process_is_healthy(caller):
    assert caller.get("/healthz", headers={"Authorization": None}).json == {"status": "ok"}


def test_a_process_that_cannot_write_is_healthy_but_not_ready(shop, caller):
    assert caller.get("/readyz").json == {"status": "ready"}
    with closing(sqlite3.connect(shop.store.path)) as connection:
        connection.execute("DROP TABLE store_identity")
    response = caller.get("/readyz", headers={"Authorization": None})
    assert (response.status_code, response.json["code"]) == (503, "store_unavailable")
    assert caller.get("/healthz").status_code == 200


def test_metrics_count_requests_by_route(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    page = caller.get("/metrics", headers={"Authorization": None})
    assert page.content_type.startswith("text/plain")
    assert 'sihe_http_request_duration_seconds_count{method="POST",route="/notes",status="201"}' in page.text
    assert note_id not in page.text


# -- audit log


def events(response):
    assert response.status_code == 200, response.text
    assert response.content_type == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.fixture
def note_ids(caller):
    """Ids of the first two of three notes with five events: taken, taken, placed, renamed by another actor, taken."""
    first = caller.post("/notes", json=a_note(email="ann@example.com")).json["id"]
    second = caller.post("/notes", json=a_note(code="N-2")).json["id"]
    caller.post(f"/notes/{first}/place", json={"effective_on": "2026-03-03"})
    caller.actor = "bob"
    caller.patch(f"/notes/{first}", json={"name": "Zoe"}, headers={"If-Match": '"2"'})
    caller.actor = "clerk"
    caller.post("/notes", json=a_note(code="N-3"))
    return first, second


def test_each_event_is_a_line_with_all_its_metadata(shop, caller, note_ids):
    lines = events(caller.get("/audit/events"))
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5]
    taken, placed, renamed = lines[0], lines[2], lines[3]
    assert placed["id"] == f"shop:{shop.store.epoch}-3"
    assert (placed["type"], placed["aggregate_type"]) == ("tests.Note.Placed", "tests.Note")
    assert (placed["aggregate"], placed["version"]) == (note_ids[0], 2)
    assert (placed["effective_on"], placed["data"]) == ("2026-03-03", {"on": "2026-03-03"})
    assert (taken["actor"], renamed["actor"]) == ("clerk", "bob")
    assert placed["correlation"] == taken["correlation"] == renamed["correlation"]
    assert (taken["follows"], placed["follows"], renamed["follows"]) == (None, taken["id"], placed["id"])
    assert placed["causation"].startswith("command:")
    assert placed["request"] == "POST /notes/{note_id}/place"
    assert datetime.now(UTC) - datetime.fromisoformat(placed["recorded_at"]) < timedelta(minutes=1)
    assert set(taken) == {
        "position", "id", "type", "aggregate", "aggregate_type", "version", "recorded_at", "effective_on", "actor",
        "on_behalf_of", "correlation", "causation", "follows", "request",
        "digest", "chain", "data",
    }  # fmt: skip


def test_personal_fields_stay_encrypted_for_auditors(caller, note_ids):
    response = caller.get("/audit/events")
    assert "ann@example.com" not in response.text
    assert set(events(response)[0]["data"]["email"]) == {"subject", "cipher"}


def test_the_data_equals_the_stored_bytes(shop, caller, note_ids):
    stored = [recorded.state for recorded in shop.store.log(0, 10)]
    for line, state in zip(caller.get("/audit/events").data.splitlines(), stored, strict=True):
        assert line.partition(b'"data":{')[2][:-2] == _own_fields_of(state)


def _own_fields_of(state: bytes) -> bytes:
    """Return the bytes of a stored state after its metadata."""
    meta = bytes(msgspec.json.decode(state, type=dict[str, msgspec.Raw])["meta"])
    return state.partition(meta + b",")[2][:-1]


def test_each_line_has_the_digest_of_the_stored_event_and_its_hash_in_the_chain(shop, caller, note_ids):
    lines = events(caller.get("/audit/events?actor=bob")) + events(caller.get("/audit/events?after=4"))
    stored = {each.position: each.state for each in shop.store.log(0, 10)}
    assert [line["digest"] for line in lines] == [sha256(stored[line["position"]]).hexdigest() for line in lines]
    hashes = shop.chain.hashes([4, 5])
    assert {line["position"]: bytes.fromhex(line["chain"]) for line in lines} == hashes


def test_a_log_with_a_missing_event_is_still_listed(shop, caller, note_ids):
    shop.store._connections.get().execute("DELETE FROM events WHERE position=3")
    assert [(line["position"], line["chain"]) for line in events(caller.get("/audit/events"))] == [
        (1, None), (2, None), (4, None), (5, None),
    ]  # fmt: skip


def test_a_page_is_the_same_at_each_call_and_links_to_the_next(caller, note_ids):
    assert caller.get("/audit/events").data == caller.get("/audit/events").data
    address, pages = "/audit/events?limit=2", []
    while address:
        response = caller.get(address)
        pages.append([line["position"] for line in events(response)])
        link = response.headers.get("Link")
        address = link and link[1:].partition(">")[0].removeprefix("/api/v1/shop")
    assert pages == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("after=3", [4, 5]),
        ("after=5", []),
        ("after=99", []),
        ("type=tests.Note.Placed", [3]),
        ("type=tests.Note.Placed,tests.Note.Renamed", [3, 4]),
        ("type=tests.Note.Unknown", []),
        ("aggregate={first}", [1, 3, 4]),
        ("aggregate={second}", [2]),
        ("aggregate={first}&after=1&type=tests.Note.Renamed", [4]),
        ("actor=bob", [4]),
        ("actor=unknown", []),
        ("correlation={correlation}", [1, 3, 4]),
        ("correlation={first}", []),
        ("from=2000-01-01", [1, 2, 3, 4, 5]),
        ("from=2100-01-01", []),
        ("to=2000-01-01", []),
        ("to=2100-01-01T00:00:00Z", [1, 2, 3, 4, 5]),
        ("from={third}", [3, 4, 5]),
        ("to={third}", [1, 2]),
    ],
)
def test_the_audit_log_can_be_filtered(caller, note_ids, query, found):
    lines = events(caller.get("/audit/events"))
    address = query.format(
        first=note_ids[0],
        second=note_ids[1],
        correlation=lines[0]["correlation"],
        third=lines[2]["recorded_at"].replace("+", "%2B"),
    )
    assert [line["position"] for line in events(caller.get(f"/audit/events?{address}"))] == found


def test_a_search_that_reaches_the_scan_limit_links_to_the_next_page(caller, note_ids, monkeypatch):
    monkeypatch.setattr("shared.web.audit.MAX_SCANNED", 2)
    first = caller.get("/audit/events?actor=bob")
    assert events(first) == []
    assert "after=2" in first.headers["Link"]
    assert [line["position"] for line in events(caller.get("/audit/events?actor=bob&after=2"))] == [4]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("limit=1001", "/limit"), ("limit=0", "/limit"), ("after=-1", "/after"), ("after=x", "/after"),
     ("aggregate=1", "/aggregate"), ("from=yesterday", "/from"), ("to=2026-02-30", "/to"),
     ("offset=1", "/offset"), ("actor=a&actor=b", "/actor")],
)  # fmt: skip
@pytest.mark.usefixtures("note_ids")
def test_an_invalid_parameter_of_the_audit_log_is_refused(caller, query, pointer):
    assert list(field_errors(caller.get(f"/audit/events?{query}"))) == [pointer]


# -- event feed for peers


@pytest.fixture
def publisher(tmp_path):
    """Shop that publishes an event when a note is placed."""
    return open_service(PublishingShop, tmp_path)


@pytest.fixture(autouse=True)
def _placed_is_published():
    """Publish an event when a note is placed, in this file only."""
    PublishingShop.published.after(Note.Placed)(
        lambda placed, note: crm.SalesOrderCancellationRequested(note.id, "as recorded")
    )
    yield
    PublishingShop.published.mappings.clear()


def test_peers_can_read_published_events(publisher):
    caller = create_client(publisher, [notes])
    for number in range(5):
        note_id = caller.post("/notes", json=a_note(code=f"N-{number}")).json["id"]
        caller.post(f"/notes/{note_id}/place")
    published_notes = list(publisher.store.published_events(0, 10))
    first = caller.get("/events?after=2&limit=2")
    assert [decode_message_line(line) for line in first.data.splitlines()] == published_notes[1:3]
    assert f"after={published_notes[2].sequence}" in first.headers["Link"]
    rest = caller.get(f"/events?after={published_notes[2].sequence}")
    assert [decode_message_line(line) for line in rest.data.splitlines()] == published_notes[3:]
    assert "Link" not in rest.headers


@pytest.mark.case("X6")
def test_the_event_feed_does_not_return_a_message_that_another_program_put_into_the_outbox(publisher):
    caller = create_client(publisher, [notes])
    note_id = caller.post("/notes", json=a_note()).json["id"]
    caller.post(f"/notes/{note_id}/place")
    genuine = caller.get("/events").data
    last = publisher.store.published_head()
    columns = "type, aggregate_type, aggregate, version, recorded_at, meta, traceparent, digest, data"
    publisher.store._connections.get().execute(f"INSERT INTO outbox SELECT 99, position, {columns} FROM outbox")
    assert caller.get("/events").data == genuine
    refused = caller.get(f"/events?after={last}")
    assert (refused.status_code, refused.json["code"]) == (503, "integrity")


def test_an_altered_line_is_not_decoded(publisher):
    caller = create_client(publisher, [notes])
    note_id = caller.post("/notes", json=a_note()).json["id"]
    caller.post(f"/notes/{note_id}/place")
    (line,) = caller.get("/events").data.splitlines()
    assert encode_message_line(decode_message_line(line)) == line
    other_note = line.replace(note_id.encode(), note_id[::-1].encode())
    for altered in (other_note, line[:-1], b"{}", line.replace(b'"source"', b'"sauce"')):
        with pytest.raises(DecodeError):
            decode_message_line(altered)


@pytest.mark.parametrize("query", ["limit=1001", "after=x", "type=a"])
def test_an_invalid_parameter_of_the_event_feed_is_refused(caller, query):
    assert len(field_errors(caller.get(f"/events?{query}"))) == 1


def test_the_commands_are_those_of_the_service_of_the_current_app(shop, caller):
    with caller.application.app_context():
        assert commands() is shop.notes


def test_rows_of_a_list_equal_single_records(shop, caller):
    note_id = caller.post("/notes", json=a_note(email="ann@example.com")).json["id"]
    catch_up(shop)
    (row,) = caller.get("/notes").json["data"]
    one = caller.get(f"/notes/{note_id}").json
    assert UUID(row["id"]) == UUID(note_id)
    assert {**row, "created_at": "", "updated_at": ""} == {**one, "created_at": "", "updated_at": ""}
