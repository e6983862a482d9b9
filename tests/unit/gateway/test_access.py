"""Access keys are issued, rotated and revoked; only the holder of the secret is authenticated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from gateway.access.access_key import AccessKey, Expired
from gateway.access.application import Access, IssueKey
from gateway.access.keyring import Keyring
from gateway.access.roles import Role
from shared.command_context import Caller, CommandContext
from shared.domain import AlreadyTaken, InvalidInput, NotFound, WrongStatus
from shared.key_store import KeyStore
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.testing import given, new_events

ADMIN_SECRET = "correct horse battery"
T = TypeVar("T")
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def a_key(expires_at: datetime | None = None) -> AccessKey:
    return given(AccessKey("till", ("sales",), "d1", "anna", expires_at))


def issue(
    access: Access, name: str, *roles: str, person: str | None = None, expires_at: datetime | None = None
) -> tuple[AccessKey, str]:
    wanted = IssueKey(name=name, roles=tuple(map(Role, roles)), person=person, expires_at=expires_at)
    return access.keys.issue(wanted)


def as_actor(access: Access, actor: str, command: Callable[[], T]) -> T:
    """Run a command as this person or program."""
    return access.runner.run(command, CommandContext(actor, f"command:{uuid4().hex}", NOW.date()))


@pytest.fixture
def access(tmp_path: Path) -> Access:
    store = SqliteEventStore("gateway", tmp_path / "events.db", IntegrityKey(tmp_path / "integrity"))
    store.migrate()
    return Access(store, KeyStore(tmp_path / "keys.db"))


@pytest.fixture
def keyring(access: Access) -> Keyring:
    return Keyring(access.store, ADMIN_SECRET)


def test_rotating_a_key_changes_only_the_secret() -> None:
    key = a_key()
    key.rotate("d2", NOW)
    assert new_events(key) == [("Rotated", {"digest": "d2"})]
    assert (key.digest, key.roles, key.status) == ("d2", ("sales",), "active")


def test_a_revoked_key_stays_revoked() -> None:
    key = given(a_key(), AccessKey.revoke)
    for again in (key.revoke, lambda: key.rotate("d2", NOW)):
        with pytest.raises(WrongStatus):
            again()
    assert new_events(key) == []


def test_an_expired_key_is_invalid_and_cannot_be_rotated() -> None:
    key = a_key(expires_at=NOW)
    assert key.is_valid(NOW - timedelta(seconds=1))
    assert not key.is_valid(NOW)
    with pytest.raises(Expired):
        key.rotate("d2", NOW)


def test_a_key_needs_a_role(access: Access) -> None:
    with pytest.raises(InvalidInput, match="at least one role") as refused:
        issue(access, "till")
    assert refused.value.field == "roles"


def test_the_secret_authenticates_the_person_it_was_issued_to(access: Access, keyring: Keyring) -> None:
    _, secret = issue(access, "till 3", "sales", "buyer", person="anna")
    assert keyring.caller_of(secret) == Caller("anna", ("buyer", "sales"))


def test_a_key_without_a_person_acts_under_its_own_name(access: Access, keyring: Keyring) -> None:
    _, secret = issue(access, "web shop", "sales")
    assert keyring.caller_of(secret) == Caller("web shop", ("sales",))


def test_no_stored_file_contains_a_secret(access: Access, tmp_path: Path) -> None:
    _, first = issue(access, "till", "sales")
    key, second = issue(access, "web", "sales")
    _, third = as_actor(access, "web", lambda: access.keys.rotate(key.id))
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"till" in stored
    for secret in (first, second, third):
        assert secret.split("_", 2)[2].encode() not in stored
        assert len(secret) == len("sihe__") + 32 + 43


def test_only_the_complete_secret_authenticates(access: Access, keyring: Keyring) -> None:
    _, secret = issue(access, "till", "sales")
    other, _ = issue(access, "web", "sales")
    foreign = secret.replace(secret[5:37], other.id.hex)
    changed = secret[:-2] + ("AA" if secret[-2:] != "AA" else "BB")
    for wrong in ("", "sihe", secret[:-1], secret + "A", secret.upper(), changed, foreign, f" {secret}", uuid4().hex):
        assert keyring.caller_of(wrong) is None


def test_a_rotated_or_revoked_secret_is_refused_by_another_gateway_too(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.access.keyring.REFRESH_SECONDS", 0)
    other_keyring = Keyring(access.store, ADMIN_SECRET)
    key, first = issue(access, "till", "sales")
    assert other_keyring.caller_of(first)
    _, second = as_actor(access, "till", lambda: access.keys.rotate(key.id))
    assert other_keyring.caller_of(first) is None
    assert other_keyring.caller_of(second)
    access.keys.revoke(key.id)
    assert other_keyring.caller_of(second) is None


def test_a_refreshed_keyring_refuses_a_key_that_was_just_revoked(access: Access, keyring: Keyring) -> None:
    key, secret = issue(access, "till", "sales")
    assert keyring.caller_of(secret)
    access.keys.revoke(key.id)
    keyring.refresh()
    assert keyring.caller_of(secret) is None


def test_an_expired_secret_is_refused(access: Access, keyring: Keyring) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=50)
    _, secret = issue(access, "till", "sales", expires_at=soon)
    while datetime.now(UTC) < soon:
        pass
    assert keyring.caller_of(secret) is None


@pytest.mark.parametrize("secret", [ADMIN_SECRET, "пароль администратора", "comma, and = signs"])
def test_the_admin_secret_may_be_any_text(access: Access, secret: str) -> None:
    assert Keyring(access.store, secret).caller_of(secret) == Caller("admin", ("admin",))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": "admin"}, "name"),
        ({"name": "till", "person": "Admin"}, "person"),
        ({"name": "erp"}, "name"),
        ({"name": "ａｄｍｉｎ"}, "name"),
        ({"name": "ad\u200bmin"}, "name"),
        ({"name": "till", "person": "Ádmin"}, "person"),
        ({"name": "till", "expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expires_at"),
    ],
)
def test_an_invalid_key_is_refused_naming_the_field(access: Access, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        issue(access, arguments.pop("name"), "sales", **arguments)
    assert refused.value.field == field
    assert access.store.head() == 0


def test_the_name_of_a_revoked_key_cannot_be_used_again(access: Access) -> None:
    key, _ = issue(access, "till", "sales")
    access.keys.revoke(key.id)
    with pytest.raises(AlreadyTaken):
        issue(access, "till", "sales")


@pytest.mark.parametrize("other", ["k-HR", "K-hr", "ｋ-hr"])
def test_a_name_that_reads_like_that_of_another_key_is_refused(access: Access, other: str) -> None:
    issue(access, "k-hr", "sales")
    with pytest.raises(AlreadyTaken, match="it is registered as 'k-hr'") as refused:
        issue(access, other, "sales")
    assert refused.value.field == "name"


def test_an_unknown_key_is_not_found(access: Access, keyring: Keyring) -> None:
    for unknown in (access.keys.rotate, access.keys.revoke, keyring.get):
        with pytest.raises(NotFound):
            unknown(uuid4())


def test_the_keyring_lists_every_key_with_its_current_status(access: Access, keyring: Keyring) -> None:
    first, _ = issue(access, "till", "sales")
    issue(access, "web", "buyer")
    access.keys.revoke(first.id)
    assert [(key.name, key.status) for key in keyring.list_keys()] == [("till", "revoked"), ("web", "active")]
