"""Proofs for auditors: checkpoints, the stored log and states in the past, and the roles that may read them."""

import json
import secrets
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.chain import Checkpoint
from shared.chain.merkle import proves_consistency
from shared.codec import decode
from shared.identity import Target, TokenSigner, TokenVerifier, public_jwk
from shared.testing.web import Client, field_errors
from shared.web import build_service_app
from tests.unit.shared.web.shop import RESOURCES, Shop, a_note, create_caller


def lines(response):
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.fixture
def note_id(caller):
    """Id of a note that was taken, renamed and placed."""
    note_id = caller.post("/notes", json=a_note(email="ann@example.com")).json["id"]
    caller.patch(f"/notes/{note_id}", json={"name": "Zoe"}, headers={"If-Match": '"1"'})
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "2026-03-03"})
    return note_id


# -- checkpoints


def test_a_checkpoint_covers_the_whole_log_and_extends_any_earlier_one(caller, note_id):
    first = decode(json.dumps(caller.get("/audit/checkpoint").json["checkpoint"]), Checkpoint)
    first.verify()
    assert (first.service, first.position) == ("shop", 3)
    caller.post("/notes", json=a_note(code="N-2"))
    extended = caller.get("/audit/checkpoint?since=3").json
    now = decode(json.dumps(extended["checkpoint"]), Checkpoint)
    proof = [bytes.fromhex(each) for each in extended["consistency"]]
    assert proves_consistency(3, bytes.fromhex(first.root), 4, bytes.fromhex(now.root), proof)
    assert lines(caller.get("/audit/checkpoints/shop")) == [vars_of(first), vars_of(now)]
    assert lines(caller.get("/audit/checkpoints/shop?after=3&held_by=shop")) == [vars_of(now)]
    assert lines(caller.get("/audit/checkpoints/bakery")) == []
    page = caller.get("/audit/checkpoints/shop?limit=1&held_by=shop")
    assert lines(page) == [vars_of(first)]
    assert 'audit/checkpoints/shop?limit=1&held_by=shop&after=3>; rel="next"' in page.headers["Link"]


def vars_of(checkpoint):
    return {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}


def test_the_checkpoint_ends_with_the_hash_of_the_last_event(caller, note_id):
    checkpoint = caller.get("/audit/checkpoint").json["checkpoint"]
    assert lines(caller.get("/audit/events"))[-1]["chain"] == checkpoint["head"]


def test_a_truncated_log_returns_the_last_checkpoint_created_before(shop, caller, note_id):
    before = caller.get("/audit/checkpoint").json["checkpoint"]
    shop.store._connections.get().execute("DELETE FROM events WHERE position=3")
    assert caller.get("/audit/checkpoint").json["checkpoint"] == before
    assert len(lines(caller.get("/audit/stored"))) == 2


def test_another_service_may_read_only_a_checkpoint(shop: Shop, note_id):
    seed = secrets.token_bytes(32)
    app = build_service_app(shop, RESOURCES, TokenVerifier({"keys": [public_jwk("erp", seed)]}, "shop"), "a secret")
    signer, client = TokenSigner("erp", seed), app.test_client()

    def get(path):
        token = signer.issue_token("erp", (), Target.get("shop", path))
        return client.get(path, headers={"Authorization": f"Bearer {token}"})

    assert get("/audit/checkpoint").json["checkpoint"]["position"] == 0
    shop.chain.extend_to_end()
    shop.chain.create_checkpoint()
    assert get("/audit/checkpoint").json["checkpoint"]["position"] == 3
    for path in ("/audit/events", "/audit/stored", "/audit/checkpoints/shop", f"/audit/aggregates/{note_id}"):
        assert get(path).status_code == 403


@pytest.mark.parametrize("path", ["events", "stored", "checkpoint", "checkpoints/shop", "aggregates/{note_id}"])
def test_only_auditors_and_administrators_read_proofs(shop, note_id, path):
    for role, status in (("auditor", 200), ("admin", 200), ("sales", 403)):
        reader = create_caller(shop, roles=(role,))
        assert reader.get(f"/audit/{path.format(note_id=note_id)}").status_code == status


# -- the log as it is stored


def test_the_log_is_returned_as_it_is_stored(shop, caller, note_id):
    returned = lines(caller.get("/audit/stored?after=1"))
    recorded = shop.store.log(1, 10)
    assert [line["state"].encode() for line in returned] == [each.state for each in recorded]
    assert [(line["position"], line["aggregate"], line["version"], line["type"]) for line in returned] == [
        (each.position, str(each.aggregate), each.version, each.type) for each in recorded
    ]
    assert [datetime.fromtimestamp(line["recorded_at_us"] / 1e6, UTC) for line in returned] == [
        each.recorded_at for each in recorded
    ]
    assert [bytes.fromhex(line["chain"]) for line in returned] == [*shop.chain.hashes([2, 3]).values()]
    assert "after=2" in caller.get("/audit/stored?after=1&limit=1").headers["Link"]


def test_bytes_that_are_not_utf_8_are_still_returned(shop, caller, note_id):
    shop.store._connections.get().execute("UPDATE events SET state=x'ff' WHERE position=2")
    assert [line["state"] for line in lines(caller.get("/audit/stored"))][1] == "�"


# -- states in the past


def test_an_aggregate_is_returned_as_of_a_version_a_position_or_an_instant(shop, caller, note_id):
    caller.post("/notes", json=a_note(code="N-2"))
    at = {each.position: each.recorded_at.isoformat().replace("+", "%2B") for each in shop.store.log(0, 9)}
    for when, version, name in (
        ("", 3, "Zoe"), ("?version=1", 1, "Ann"), ("?version=2", 2, "Zoe"), ("?position=1", 1, "Ann"),
        ("?position=99", 3, "Zoe"), (f"?at={at[1]}", 1, "Ann"), (f"?at={at[3]}", 3, "Zoe"),
        ("?at=2100-01-01", 3, "Zoe"),
    ):  # fmt: skip
        aggregate = caller.get(f"/audit/aggregates/{note_id}{when}").json
        assert (aggregate["version"], aggregate["state"]["name"]) == (version, name), when
    assert (aggregate["id"], aggregate["aggregate_type"], aggregate["position"]) == (note_id, "tests.Note", 3)
    assert aggregate["state"]["placed_on"] == "2026-03-03"
    assert aggregate["state"]["lines"][0] == {
        "sku": "BOLT-M8", "quantity": "10", "unit_price": {"amount": "0.25", "currency": "USD"},
    }  # fmt: skip


def test_personal_fields_of_a_past_state_are_masked(caller, note_id):
    response = caller.get(f"/audit/aggregates/{note_id}")
    assert set(response.json["state"]["email"]) == {"masked"}
    assert "ann@example.com" not in response.text


@pytest.mark.parametrize("when", ["version=4", "position=0", "at=2000-01-01"])
def test_an_aggregate_without_events_at_that_time_is_not_found(caller, note_id, when):
    assert caller.get(f"/audit/aggregates/{note_id}?{when}").status_code == 404
    assert caller.get(f"/audit/aggregates/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("version=0", "/version"), ("position=x", "/position"), ("at=soon", "/at"), ("when=now", "/when"),
     ("version=1&position=1", "/position")],
)  # fmt: skip
def test_an_invalid_parameter_of_a_past_state_is_refused(caller, note_id, query, pointer):
    assert list(field_errors(caller.get(f"/audit/aggregates/{note_id}?{query}"))) == [pointer]


# -- S102: auditors change no records and see no personal data


def test_an_auditor_sees_no_personal_data_of_a_resource(shop, caller: Client, note_id):
    auditor = create_caller(shop, roles=("auditor",))
    assert caller.get(f"/notes/{note_id}").json["email"] == "ann@example.com"
    assert auditor.get(f"/notes/{note_id}").json == caller.get(f"/notes/{note_id}").json | {"email": None}
    both = create_caller(shop, roles=("auditor", "sales"))
    assert both.get(f"/notes/{note_id}").json["email"] == "ann@example.com"
