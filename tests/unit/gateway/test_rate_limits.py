"""Rate limits of the gateway: requests of a key or an address, and wrong keys."""

import secrets
from typing import Any
from uuid import uuid4

import pytest

from gateway.rate_limits import MAX_TRACKED, WINDOW_SECONDS, Policy, client_network

PATH = "/api/v1/crm/customers"
WRONG_KEYS = 20


def wrong_key(name: str | None = None) -> str:
    return f"sihe_{name or uuid4().hex}_{secrets.token_urlsafe(32)}"


def statuses(client: Any, address: str, keys: list[str]) -> list[int]:
    """Return the status of a request from this address for each key."""
    return [client.with_key(key).get(PATH, environ_overrides={"REMOTE_ADDR": address}).status_code for key in keys]


@pytest.fixture
def gateway(open_gateway: Any) -> Any:
    opened = open_gateway()
    opened.services["crm"].responses["/customers"] = {}
    return opened


@pytest.mark.case("X24")
@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1", "2001:db8::1"])
def test_two_hundred_wrong_keys_in_a_row_are_slowed_down(gateway: Any, address: str) -> None:
    answers = statuses(gateway.client, address, [wrong_key() for _ in range(200)])
    assert answers == [401] * WRONG_KEYS + [429] * (200 - WRONG_KEYS)


@pytest.mark.case("X24")
def test_a_slowed_down_guesser_learns_when_to_try_again(gateway: Any) -> None:
    statuses(gateway.client, "192.0.2.1", ["guess"] * WRONG_KEYS)
    refused = gateway.client.with_key("guess").get(PATH, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_wrong_keys")
    assert 1 <= int(refused.headers["Retry-After"]) <= WINDOW_SECONDS / WRONG_KEYS + 1
    assert refused.headers["RateLimit-Policy"] == f'"wrong-keys";q={WRONG_KEYS};w=60'
    assert refused.headers["RateLimit"].startswith('"wrong-keys";r=0;t=')


@pytest.mark.case("X24")
def test_wrong_secrets_for_one_key_are_slowed_down_from_many_addresses(gateway: Any) -> None:
    name = uuid4().hex
    answers = [statuses(gateway.client, f"198.51.100.{n}", [wrong_key(name)])[0] for n in range(WRONG_KEYS + 5)]
    assert answers == [401] * WRONG_KEYS + [429] * 5


@pytest.mark.case("X24")
def test_a_stranger_cannot_lock_out_a_good_key(gateway: Any) -> None:
    seller = gateway.create_key("sales")
    name = seller.key.split("_")[1]
    for address in ("127.0.0.1", "192.0.2.1"):
        statuses(gateway.client, address, [wrong_key(name) for _ in range(2 * WRONG_KEYS)])
        assert statuses(gateway.client, address, [seller.key]) == [200]
    assert statuses(gateway.client, "127.0.0.1", [gateway.client.key]) == [200]


@pytest.mark.case("X24")
def test_the_chosen_secret_of_the_administrator_is_not_found_by_guessing(gateway: Any) -> None:
    answers = statuses(gateway.client, "192.0.2.7", [*["guess"] * WRONG_KEYS, gateway.client.key])
    assert answers == [401] * WRONG_KEYS + [429]
    assert statuses(gateway.client, "192.0.2.8", [gateway.client.key]) == [200]


@pytest.mark.case("X24")
def test_a_revoked_key_is_no_guess(gateway: Any) -> None:
    seller = gateway.create_key("sales")
    listed = gateway.client.get("/api/v1/access/keys").json["data"]
    gateway.client.post(f"/api/v1/access/keys/{listed[0]['id']}/revoke")
    assert statuses(gateway.client, "127.0.0.1", [seller.key] * 50) == [401] * 50


@pytest.mark.case("X24")
def test_requests_with_one_key_have_a_quota_that_each_response_states(open_gateway: Any) -> None:
    gateway = open_gateway(SIHE_REQUESTS_PER_KEY="3")
    gateway.services["crm"].responses["/customers"] = {}
    other = gateway.create_key("sales")
    answers = [gateway.client.get(PATH) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert answers[0].headers["RateLimit"].startswith('"key";r=1;t=')
    assert (answers[2].json["code"], int(answers[2].headers["Retry-After"]) <= 21) == ("too_many_requests", True)
    assert other.get(PATH).status_code == 200


@pytest.mark.case("X24")
def test_requests_from_one_address_have_a_quota_also_without_a_key(open_gateway: Any) -> None:
    gateway = open_gateway(SIHE_REQUESTS_PER_ADDRESS="3")
    stranger = gateway.client.with_key(None)

    def ask(address: str) -> list[int]:
        return [stranger.get("/healthz", environ_overrides={"REMOTE_ADDR": address}).status_code for _ in range(4)]

    assert ask("192.0.2.1") == [200, 200, 200, 429]
    assert ask("2001:db8::1:1")[:3] + ask("2001:db8::2:2") == [200, 200, 200, 429, 429, 429, 429]
    assert ask("127.0.0.1") == [200] * 4


def test_a_quota_comes_back_steadily() -> None:
    now = [0.0]
    policy = Policy("key", 6, lambda: now[0])
    assert [policy.take("a").remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    assert policy.take("a").is_exceeded
    now[0] += 10
    assert not policy.take("a").is_exceeded
    assert policy.take("a").is_exceeded
    now[0] += 1_000
    assert policy.check("a").remaining == 6


def test_the_memory_of_quotas_is_bounded() -> None:
    policy = Policy("address", 10)
    for _ in range(12):
        policy.take("guesser")
    for number in range(2 * MAX_TRACKED):
        policy.take(number)
    assert len(policy._full_at) <= MAX_TRACKED
    assert policy.check("guesser").is_exceeded


def test_a_client_is_an_address_or_a_network_of_version_six() -> None:
    assert client_network("::ffff:192.0.2.1") == client_network("192.0.2.1") == "192.0.2.1"
    assert client_network("2001:db8::1") == client_network("2001:db8::ffff:1") != client_network("2001:db9::1")
