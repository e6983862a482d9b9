"""The log of the access keys is checked like every other: a change in the database gives no rights."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from gateway.access.secrets import new_secret
from shared.identity import Target, TokenSigner

pytestmark = pytest.mark.case("X7")

KEYS = "/api/v1/access/keys"
MAKE_ADMIN = "UPDATE events SET state=CAST(replace(CAST(state AS TEXT), '[\"representative\"]', '[\"admin\"]') AS BLOB)"


def change(gateway: Any, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(gateway.home / "gateway" / "events.db")) as db, db:
        assert db.execute(statement, values).rowcount > 0


def restarted(open_gateway: Any, gateway: Any) -> Any:
    """Return the gateway over the same files, after its log was checked as at every start."""
    again = open_gateway(home=gateway.home)
    again.app.extensions["gateway"].log_check.chain_task.verify_all()
    return again


@pytest.fixture
def gateway(open_gateway: Any) -> Any:
    gateway = open_gateway()
    gateway.bob = gateway.create_key("representative", name="bob")
    gateway.eve = gateway.create_key("sales", name="eve")
    gateway.app.extensions["gateway"].log_check.chain_task.verify_all()
    return gateway


def alarms(gateway: Any) -> dict[str, str]:
    found: dict[str, str] = gateway.client.get("/api/v1/ops/lag").json["gateway"]["alarms"]
    return found


def status_of(gateway: Any, key: Any) -> int:
    status: int = gateway.client.with_key(key.key).get(KEYS).status_code
    return status


def test_a_representative_made_an_administrator_in_the_database_has_no_rights_at_all(
    open_gateway: Any, gateway: Any
) -> None:
    change(gateway, MAKE_ADMIN)
    again = restarted(open_gateway, gateway)
    refused = again.client.with_key(gateway.bob.key).get(KEYS)
    assert (refused.status_code, refused.json["code"]) == (503, "integrity")
    assert "event 1 of gateway was changed" in alarms(again)["chain"]
    assert status_of(again, gateway.eve) == 403
    assert again.client.get(KEYS).status_code == 200


def test_a_change_while_the_gateway_runs_raises_the_alarm_and_suspends_the_key(gateway: Any) -> None:
    assert alarms(gateway) == {}
    change(gateway, MAKE_ADMIN)
    gateway.app.extensions["gateway"].log_check.chain_task.verify_all()
    assert "event 1 of gateway was changed" in alarms(gateway)["chain"]
    assert status_of(gateway, gateway.bob) == 503


def test_a_forged_event_gives_a_stranger_no_key(open_gateway: Any, gateway: Any) -> None:
    """The stranger copies the issue of a key, with their own secret and the role of an administrator."""
    with closing(sqlite3.connect(gateway.home / "gateway" / "events.db")) as db:
        [(state,)] = db.execute("SELECT state FROM events WHERE position=1")
    key_id = "ab" * 16
    secret = new_secret(UUID(key_id))
    forged = json.loads(state) | {"name": "mallory", "roles": ["admin"], "digest": sha256(secret.encode()).hexdigest()}
    change(
        gateway,
        """INSERT INTO events SELECT 3, ?, 1, type, recorded_at, ?, published_digest, mac FROM events
        WHERE position=1""",
        bytes.fromhex(key_id),
        json.dumps(forged).encode(),
    )
    for each in (gateway, restarted(open_gateway, gateway)):
        each.app.extensions["gateway"].keyring.refresh()
        assert each.client.with_key(secret).get(KEYS).status_code == 503
        assert status_of(each, gateway.eve) == 403


@pytest.mark.parametrize("position", [1, 3], ids=["in the middle", "at the end"])
def test_no_key_is_valid_while_events_are_missing(open_gateway: Any, gateway: Any, position: int) -> None:
    """A revocation that was deleted would make the key valid again."""
    revoked = gateway.client.post(f"{KEYS}/{UUID(gateway.bob.key.split('_')[1])}/revoke")
    assert revoked.status_code == 200
    gateway.app.extensions["gateway"].log_check.chain_task.verify_all()
    change(gateway, "DELETE FROM events WHERE position=?", position)
    again = restarted(open_gateway, gateway)
    assert [status_of(again, each) for each in (gateway.bob, gateway.eve)] == [503, 503]
    assert alarms(again)["chain"]
    assert again.client.get(KEYS).status_code == 200, "the key in the configuration stays valid"


def test_only_services_read_the_checkpoint_of_the_keys_log(gateway: Any) -> None:
    def status(token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer: int = gateway.client.with_key(None).get("/audit/checkpoint?since=0", headers=headers).status_code
        return answer

    def token_of(name: str, audience: str = "gateway") -> str:
        seed = bytes.fromhex((gateway.home / "keys" / f"{name}.seed").read_text())
        return TokenSigner(name, seed).issue_token(name, (), Target.get(audience, "/audit/checkpoint"))

    assert status(token_of("erp")) == 200
    refused = [None, gateway.bob.key, token_of("gateway"), token_of("erp", audience="crm"), "nonsense"]
    assert [status(each) for each in refused] == [401] * len(refused)
