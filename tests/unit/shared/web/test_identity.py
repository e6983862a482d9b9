"""Who may ask: those vouched for by a fresh signature that names signer, audience, actor and end."""

import base64
import json
from pathlib import Path

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.identity import (
    GATEWAY,
    MAX_CACHED_TOKENS,
    TOKEN_TYPE,
    AuthenticationFailed,
    TokenSigner,
    TokenVerifier,
    public_jwk,
    write_signing_keys,
)
from shared.web import build_service_app
from tests.cpu_limit import cpu_below
from tests.unit.shared.web.shop import RESOURCES, a_note

SEED, PEER_SEED, FOREIGN_SEED = b"g" * 32, b"p" * 32, b"f" * 32
KEYS = {"keys": [public_jwk(GATEWAY, SEED), public_jwk("crm", PEER_SEED)]}
NOW = 1_800_000_000


def private(seed):
    raw = base64.urlsafe_b64encode(seed).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": raw, "x": public_jwk("x", seed)["x"]})


CLAIMS = {"iss": GATEWAY, "aud": "shop", "sub": "ann", "roles": ["sales"], "iat": NOW, "exp": NOW + 60}
HEADER = {"alg": "Ed25519", "kid": GATEWAY, "typ": TOKEN_TYPE}


def token(header=None, seed=SEED, **claims):
    told = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    head = {name: value for name, value in {**HEADER, **(header or {})}.items() if value is not ...}
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    return jwt.encode(head, told, private(seed), registry=registry, default_type=None)


def by_hand(header, claims=CLAIMS, signature=b"x" * 64):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.fixture
def verifier():
    return TokenVerifier(KEYS, "shop", clock=lambda: NOW)


def test_a_vouched_for_actor_is_known(verifier):
    identity = verifier.verify(token())
    assert (identity.issuer, identity.actor, identity.roles, identity.on_behalf_of) == (
        GATEWAY,
        "ann",
        ("sales",),
        None,
    )
    assert verifier.verify(token(on_behalf_of="bob")).on_behalf_of == "bob"


@pytest.mark.parametrize("only_own", [True, False])
def test_a_token_says_whether_its_actor_sees_only_his_own(verifier, only_own):
    signer = TokenSigner(GATEWAY, SEED, clock=lambda: NOW)
    assert verifier.verify(signer.issue_token("ann", ["sales"], "shop", only_own=only_own)).only_own is only_own
    assert verifier.verify(signer.issue_token("ann", ["sales"], "shop", only_own=not only_own)).only_own is not only_own


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": ...},
        {"exp": NOW - 61},
        {"exp": NOW + 121},
        {"exp": NOW + 3_601},
        {"exp": 10**12},
        {"exp": str(NOW + 60)},
        {"exp": NOW + 60.5},
        {"exp": True},
        {"exp": None},
        {"nbf": NOW + 61},
        {"nbf": "now"},
        {"iat": NOW + 61},
        {"aud": "crm"},
        {"aud": ["shop"]},
        {"aud": ["shop", "crm"]},
        {"aud": ...},
        {"iss": "crm"},
        {"iss": ...},
        {"sub": 5},
        {"sub": ...},
        {"sub": ""},
        {"sub": "a\nb"},
        {"sub": "x" * 201},
        {"sub": ["ann"]},
        {"roles": ...},
        {"roles": "admin"},
        {"roles": [1]},
        {"roles": {"admin": True}},
        {"on_behalf_of": 5},
        {"only_own": None},
        {"only_own": "no"},
        {"only_own": 0},
    ],
    ids=str,
)
def test_a_claim_that_is_missing_or_wrong_vouches_for_nobody(verifier, claims):
    with pytest.raises(AuthenticationFailed):
        verifier.verify(token(**claims))


@pytest.mark.parametrize("leeway", [{"exp": NOW - 59}, {"nbf": NOW + 60}, {"iat": NOW + 60}, {"iat": ...}])
def test_clocks_may_differ_by_a_minute(verifier, leeway):
    assert verifier.verify(token(**leeway)).actor == "ann"


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "stranger"},
        {"kid": ...},
        {"kid": ""},
        {"kid": "../../keys/gateway.seed"},
        {"kid": "' OR 1=1 --"},
        {"kid": "http://evil.example/jwks.json"},
        {"kid": "crm"},
        {"typ": "JWT"},
        {"typ": "rt+jwt"},
        {"typ": ...},
        {"jku": "http://evil.example/jwks.json"},
        {"x5u": "http://evil.example/cert.pem"},
        {"jwk": public_jwk(GATEWAY, FOREIGN_SEED)},
        {"cty": "JWT"},
        {"x": 1},
    ],
    ids=str,
)
def test_a_header_says_signer_and_kind_and_nothing_else(verifier, header):
    with pytest.raises(AuthenticationFailed):
        verifier.verify(token(header))


@pytest.mark.parametrize(
    "more", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": False, "crit": ["b64"]}], ids=str
)
def test_names_are_texts_and_extensions_are_not_understood(verifier, more):
    with pytest.raises(AuthenticationFailed):
        verifier.verify(by_hand({**HEADER, **more}))


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS256", "RS256", "ES256", "EdDSA", "Ed448", None, 5])
def test_there_is_one_algorithm(verifier, algorithm):
    for signature in (b"", b"x" * 64):
        with pytest.raises(AuthenticationFailed):
            verifier.verify(by_hand({**HEADER, "alg": algorithm}, signature=signature))


def test_a_public_key_is_no_secret_to_sign_with(verifier):
    for secret in (public_jwk(GATEWAY, SEED)["x"], json.dumps(KEYS["keys"][0])):
        forged = jwt.encode({**HEADER, "alg": "HS256"}, CLAIMS, OctKey.import_key(secret.encode()), default_type=None)
        with pytest.raises(AuthenticationFailed):
            verifier.verify(forged)
    rsa = jwt.encode({**HEADER, "alg": "RS256"}, CLAIMS, RSAKey.generate_key(2048), default_type=None)
    with pytest.raises(AuthenticationFailed):
        verifier.verify(rsa)


def test_anothers_signature_vouches_for_nobody(verifier):
    genuine = token()
    for forged in (token(seed=FOREIGN_SEED), token(seed=PEER_SEED), genuine[:-4] + "AAAA", genuine + "A", genuine[:-1]):
        with pytest.raises(AuthenticationFailed):
            verifier.verify(forged)


def test_a_signature_covers_the_claims(verifier):
    header, _, signature = token().split(".")
    claims = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "roles": ["admin"]}).encode()).rstrip(b"=").decode()
    with pytest.raises(AuthenticationFailed):
        verifier.verify(f"{header}.{claims}.{signature}")


@pytest.mark.parametrize(
    "nonsense",
    ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "x" * 1_000_000, "[" * 50_000, token() + ".x", "é.é.é", "\x00"],
)
def test_what_is_no_token_vouches_for_nobody_and_costs_nothing(verifier, nonsense):
    with cpu_below(0.05), pytest.raises(AuthenticationFailed):
        verifier.verify(nonsense)


def test_a_token_is_verified_once_and_ends_all_the_same():
    now = [NOW]
    verifier = TokenVerifier(KEYS, "shop", clock=lambda: now[0])
    shown = token()
    assert verifier.verify(shown) is verifier.verify(shown)
    now[0] = NOW + 121
    with pytest.raises(AuthenticationFailed):
        verifier.verify(shown)


def test_strangers_leave_nothing_behind(verifier, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = verifier.verify(token())
    for number in range(1_000):
        with pytest.raises(AuthenticationFailed):
            verifier.verify(by_hand({**HEADER, "kid": f"stranger {number}"}))
    assert verifier.verify(token()) is known
    assert list(tmp_path.iterdir()) == []


def test_what_is_remembered_is_bounded():
    signer = TokenSigner(GATEWAY, SEED)
    for number in range(MAX_CACHED_TOKENS + 10):
        signer._cache.get_or_create(number, NOW, lambda until=NOW + number: (until, "token"))
    assert len(signer._cache._values) <= MAX_CACHED_TOKENS


def test_a_signer_signs_anew_at_half_time():
    now = [float(NOW)]
    signer = TokenSigner(GATEWAY, SEED, clock=lambda: now[0])
    verifier = TokenVerifier(KEYS, "shop", clock=lambda: now[0])
    first = signer.issue_token("ann", ("sales",), "shop")
    now[0] += 29
    assert signer.issue_token("ann", ("sales",), "shop") == first
    assert signer.issue_token("ann", ("sales", "admin"), "shop") != first
    assert signer.issue_token("ann", ("sales",), "crm") != first
    now[0] += 2
    second = signer.issue_token("ann", ("sales",), "shop")
    assert second != first
    assert verifier.verify(second).expires_at == NOW + 31 + 60


def test_keys_are_made_once_and_seeds_are_the_owners_alone(tmp_path: Path):
    write_signing_keys(tmp_path / "keys", ["gateway", "shop"])
    seed = (tmp_path / "keys" / "gateway.seed").read_text()
    write_signing_keys(tmp_path / "keys", ["gateway", "shop", "crm"])
    assert (tmp_path / "keys" / "gateway.seed").read_text() == seed
    assert (tmp_path / "keys" / "gateway.seed").stat().st_mode & 0o077 == 0
    assert '"d"' not in (tmp_path / "keys" / "jwks.json").read_text()
    verifier = TokenVerifier.from_file(tmp_path / "keys" / "jwks.json", "shop")
    assert verifier.verify(TokenSigner(GATEWAY, bytes.fromhex(seed)).issue_token("ann", (), "shop")).actor == "ann"


# -- at the door of a service


@pytest.fixture
def door(shop):
    """The shop's app, asked by hand."""
    return build_service_app(shop, RESOURCES, TokenVerifier(KEYS, "shop"), "secret").test_client()


def bearer(signer=None, audience="shop", roles=("admin",), actor="ann"):
    return {"Authorization": f"Bearer {(signer or TokenSigner(GATEWAY, SEED)).issue_token(actor, roles, audience)}"}


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  x"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "bearer-ish x"},
        {"X-User-Id": "admin", "X-Roles": "admin", "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/notes", "/nowhere", "/openapi.json", "/audit/events", "/events", "/parked"])
def test_without_a_token_nobody_is_told_anything(door, shown, path):
    answered = door.get(path, headers=shown)
    assert (answered.status_code, answered.json["code"]) == (401, "authentication_required")
    assert answered.headers["WWW-Authenticate"] == "Bearer"
    assert answered.content_type == "application/problem+json"


def test_two_tokens_are_none(door):
    (value,) = bearer().values()
    answered = door.get("/notes", headers=[("Authorization", value), ("Authorization", value)])
    assert answered.status_code == 401


def test_a_token_for_another_service_opens_nothing(door):
    assert door.get("/notes", headers=bearer(audience="crm")).status_code == 401


def test_what_a_client_says_of_itself_is_ignored(shop, door):
    told = {"X-User-Id": "boss", "X_User_Id": "boss", "X-Roles": "admin", "Idempotency-Key": "k"}
    answered = door.post("/notes", json=a_note(), headers={**bearer(roles=("sales",)), **told})
    assert answered.status_code == 201
    assert b'"actor":"ann"' in shop.store.log(0, 1)[0].state
    assert door.get("/audit/events", headers={**bearer(roles=("sales",)), **told}).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_three_questions_are_open(door, path):
    assert door.get(path).status_code == 200


def test_a_peer_may_ask_for_events_and_nothing_else(shop, door):
    peer = bearer(TokenSigner("crm", PEER_SEED), roles=("admin",), actor="crm")
    assert door.get("/events", headers=peer).status_code == 200
    for path in ("/notes", "/audit/events", "/openapi.json", "/nowhere", "/parked"):
        answered = door.get(path, headers=peer)
        assert (answered.status_code, answered.json["code"]) == (403, "forbidden")
    posted = door.post("/notes", json=a_note(), headers={**peer, "Idempotency-Key": "k"})
    assert posted.status_code == 403
    assert shop.store.head() == 0


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("admin", 200), ("sales", 403), ("accountant", 403)])
@pytest.mark.parametrize("path", ["/events", "/audit/events"])
def test_people_read_everything_only_as_auditors_or_administrators(door, path, role, status):
    assert door.get(path, headers=bearer(roles=(role,))).status_code == status
