"""What an auditor can be shown of a service's past, and who may be shown it."""

import json
import secrets
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.chain import Checkpoint
from shared.chain.merkle import proves_consistency
from shared.codec import decode
from shared.identity import TokenSigner, TokenVerifier, public_jwk
from shared.testing.web import Client, field_errors
from shared.web import build_service_app
from tests.unit.shared.web.shop import RESOURCES, Shop, a_note, create_caller


def lines(answered):
    assert answered.status_code == 200, answered.text
    return [json.loads(line) for line in answered.text.splitlines()]


@pytest.fixture
def note_id(caller):
    """A note that was taken, renamed, placed."""
    note_id = caller.post("/notes", json=a_note(email="ann@example.com")).json["id"]
    caller.patch(f"/notes/{note_id}", json={"name": "Zoe"}, headers={"If-Match": '"1"'})
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "2026-03-03"})
    return note_id


# -- checkpoints


def test_a_checkpoint_covers_everything_until_now_and_goes_on_from_any_earlier_one(caller, note_id):
    first = decode(json.dumps(caller.get("/audit/checkpoint").json["checkpoint"]), Checkpoint)
    first.verify()
    assert (first.service, first.position) == ("shop", 3)
    caller.post("/notes", json=a_note(code="N-2"))
    told = caller.get("/audit/checkpoint?since=3").json
    now = decode(json.dumps(told["checkpoint"]), Checkpoint)
    proof = [bytes.fromhex(each) for each in told["consistency"]]
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
    told = caller.get("/audit/checkpoint").json["checkpoint"]
    assert lines(caller.get("/audit/events"))[-1]["chain"] == told["head"]


def test_of_a_log_that_was_cut_the_last_checkpoint_made_is_told(shop, caller, note_id):
    before = caller.get("/audit/checkpoint").json["checkpoint"]
    shop.store._connections.get().execute("DELETE FROM events WHERE position=3")
    assert caller.get("/audit/checkpoint").json["checkpoint"] == before
    assert len(lines(caller.get("/audit/stored"))) == 2


def test_another_service_may_ask_for_a_checkpoint_and_for_nothing_else_of_the_past(shop: Shop, note_id):
    seed = secrets.token_bytes(32)
    app = build_service_app(shop, RESOURCES, TokenVerifier({"keys": [public_jwk("erp", seed)]}, "shop"), "a secret")
    shown = {"Authorization": f"Bearer {TokenSigner('erp', seed).issue_token('erp', (), 'shop')}"}
    peer = app.test_client()
    assert peer.get("/audit/checkpoint", headers=shown).json["checkpoint"]["position"] == 0
    shop.chain.extend_to_end()
    shop.chain.create_checkpoint()
    assert peer.get("/audit/checkpoint", headers=shown).json["checkpoint"]["position"] == 3
    for path in ("/audit/events", "/audit/stored", "/audit/checkpoints/shop", f"/audit/aggregates/{note_id}"):
        assert peer.get(path, headers=shown).status_code == 403


@pytest.mark.parametrize("path", ["events", "stored", "checkpoint", "checkpoints/shop", "aggregates/{note_id}"])
def test_only_auditors_are_shown_the_past(shop, note_id, path):
    for role, status in (("auditor", 200), ("admin", 200), ("sales", 403)):
        somebody = create_caller(shop, roles=(role,))
        assert somebody.get(f"/audit/{path.format(note_id=note_id)}").status_code == status


# -- the log as it is stored


def test_the_log_is_told_as_it_is_stored(shop, caller, note_id):
    told = lines(caller.get("/audit/stored?after=1"))
    recorded = shop.store.log(1, 10)
    assert [line["state"].encode() for line in told] == [each.state for each in recorded]
    assert [(line["position"], line["aggregate"], line["version"], line["type"]) for line in told] == [
        (each.position, str(each.aggregate), each.version, each.type) for each in recorded
    ]
    assert [datetime.fromtimestamp(line["recorded_at_us"] / 1e6, UTC) for line in told] == [
        each.recorded_at for each in recorded
    ]
    assert [bytes.fromhex(line["chain"]) for line in told] == [*shop.chain.hashes([2, 3]).values()]
    assert "after=2" in caller.get("/audit/stored?after=1&limit=1").headers["Link"]


def test_bytes_that_are_no_text_are_still_told(shop, caller, note_id):
    shop.store._connections.get().execute("UPDATE events SET state=x'ff' WHERE position=2")
    assert [line["state"] for line in lines(caller.get("/audit/stored"))][1] == "�"


# -- a thing as it was


def test_a_thing_is_told_as_it_was_at_a_version_a_position_or_an_instant(shop, caller, note_id):
    caller.post("/notes", json=a_note(code="N-2"))
    at = {each.position: each.recorded_at.isoformat().replace("+", "%2B") for each in shop.store.log(0, 9)}
    for when, version, name in (
        ("", 3, "Zoe"), ("?version=1", 1, "Ann"), ("?version=2", 2, "Zoe"), ("?position=1", 1, "Ann"),
        ("?position=99", 3, "Zoe"), (f"?at={at[1]}", 1, "Ann"), (f"?at={at[3]}", 3, "Zoe"),
        ("?at=2100-01-01", 3, "Zoe"),
    ):  # fmt: skip
        told = caller.get(f"/audit/aggregates/{note_id}{when}").json
        assert (told["version"], told["state"]["name"]) == (version, name), when
    assert (told["id"], told["aggregate_type"], told["position"]) == (note_id, "tests.Note", 3)
    assert told["state"]["placed_on"] == "2026-03-03"
    assert told["state"]["lines"][0] == {
        "sku": "BOLT-M8", "quantity": "10", "unit_price": {"amount": "0.25", "currency": "USD"},
    }  # fmt: skip


def test_personal_fields_of_the_past_are_masked(caller, note_id):
    answered = caller.get(f"/audit/aggregates/{note_id}")
    assert set(answered.json["state"]["email"]) == {"masked"}
    assert "ann@example.com" not in answered.text


@pytest.mark.parametrize("when", ["version=4", "position=0", "at=2000-01-01"])
def test_what_was_not_there_then_is_not_found(caller, note_id, when):
    assert caller.get(f"/audit/aggregates/{note_id}?{when}").status_code == 404
    assert caller.get(f"/audit/aggregates/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [("version=0", "/version"), ("position=x", "/position"), ("at=soon", "/at"), ("when=now", "/when"),
     ("version=1&position=1", "/position")],
)  # fmt: skip
def test_the_past_is_asked_strictly(caller, note_id, asked, pointer):
    assert list(field_errors(caller.get(f"/audit/aggregates/{note_id}?{asked}"))) == [pointer]


# -- S102: who checks the books changes nothing and sees no person


def test_an_auditor_sees_no_person_in_a_resource(shop, caller: Client, note_id):
    auditor = create_caller(shop, roles=("auditor",))
    assert caller.get(f"/notes/{note_id}").json["email"] == "ann@example.com"
    assert auditor.get(f"/notes/{note_id}").json == caller.get(f"/notes/{note_id}").json | {"email": None}
    both = create_caller(shop, roles=("auditor", "sales"))
    assert both.get(f"/notes/{note_id}").json["email"] == "ann@example.com"
