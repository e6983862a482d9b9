"""Authentication: tokens are accepted only with a valid signature, signer, audience, actor and expiry."""

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
    Target,
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


def private_key(seed):
    raw = base64.urlsafe_b64encode(seed).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": raw, "x": public_jwk("x", seed)["x"]})


REQUEST = {"htm": "GET", "htu": "/notes"}
NOTES = Target.get("shop", "/notes")
CLAIMS = {"iss": GATEWAY, "aud": "shop", "sub": "ann", "roles": ["sales"], "iat": NOW, "exp": NOW + 30, **REQUEST}
HEADER = {"alg": "Ed25519", "kid": GATEWAY, "typ": TOKEN_TYPE}


def token(header=None, seed=SEED, **claims):
    payload = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    head = {name: value for name, value in {**HEADER, **(header or {})}.items() if value is not ...}
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    return jwt.encode(head, payload, private_key(seed), registry=registry, default_type=None)


def verify(verifier, signed, method="GET", path="/notes"):
    return verifier.verify(signed, method, path)


def encode_token(header, claims=CLAIMS, signature=b"x" * 64):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.fixture
def verifier():
    return TokenVerifier(KEYS, "shop", clock=lambda: NOW)


def test_a_valid_token_identifies_its_actor(verifier):
    identity = verify(verifier, token())
    assert (identity.issuer, identity.actor, identity.roles, identity.on_behalf_of) == (
        GATEWAY,
        "ann",
        ("sales",),
        None,
    )
    assert verify(verifier, token(on_behalf_of="bob")).on_behalf_of == "bob"


@pytest.mark.parametrize("only_own", [True, False])
def test_a_token_states_whether_its_actor_is_restricted_to_own_records(verifier, only_own):
    signer = TokenSigner(GATEWAY, SEED, clock=lambda: NOW)
    assert verify(verifier, signer.issue_token("ann", ["sales"], NOTES, only_own=only_own)).only_own is only_own
    assert verify(verifier, signer.issue_token("ann", ["sales"], NOTES, only_own=not only_own)).only_own is not only_own


def test_a_token_states_the_permissions_of_its_actor(verifier):
    signer, granted = TokenSigner(GATEWAY, SEED, clock=lambda: NOW), {"permissions": ("shop.*:read",)}
    identity = verify(verifier, signer.issue_token("ann", ["sales"], NOTES, **granted, own_permissions=("*:write",)))
    assert (identity.permissions, identity.own_permissions) == (("shop.*:read",), ("*:write",))
    assert verify(verifier, token()).permissions == verify(verifier, token()).own_permissions == ()


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": ...},
        {"htu": ...},
        {"htm": "POST"},
        {"htu": "/notes/1"},
        {"htu": ""},
        {"permissions": "*"},
        {"permissions": [1]},
        {"own_permissions": None},
        {"exp": ...},
        {"exp": NOW - 16},
        {"exp": NOW + 46},
        {"exp": NOW + 3_601},
        {"exp": 10**12},
        {"exp": str(NOW + 30)},
        {"exp": NOW + 30.5},
        {"exp": True},
        {"exp": None},
        {"nbf": NOW + 16},
        {"nbf": "now"},
        {"iat": NOW + 16},
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
def test_a_token_with_a_missing_or_invalid_claim_is_refused(verifier, claims):
    with pytest.raises(AuthenticationFailed):
        verify(verifier, token(**claims))


@pytest.mark.parametrize("leeway", [{"exp": NOW - 14}, {"nbf": NOW + 15}, {"iat": NOW + 15}, {"iat": ...}])
def test_clocks_may_differ_by_a_quarter_of_a_minute(verifier, leeway):
    assert verify(verifier, token(**leeway)).actor == "ann"


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
def test_a_token_with_another_header_is_refused(verifier, header):
    with pytest.raises(AuthenticationFailed):
        verify(verifier, token(header))


@pytest.mark.parametrize(
    "more", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": False, "crit": ["b64"]}], ids=str
)
def test_a_token_with_header_extensions_is_refused(verifier, more):
    with pytest.raises(AuthenticationFailed):
        verify(verifier, encode_token({**HEADER, **more}))


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS256", "RS256", "ES256", "EdDSA", "Ed448", None, 5])
def test_a_token_with_another_algorithm_is_refused(verifier, algorithm):
    for signature in (b"", b"x" * 64):
        with pytest.raises(AuthenticationFailed):
            verify(verifier, encode_token({**HEADER, "alg": algorithm}, signature=signature))


def test_a_public_key_is_not_accepted_as_a_shared_secret(verifier):
    for secret in (public_jwk(GATEWAY, SEED)["x"], json.dumps(KEYS["keys"][0])):
        forged = jwt.encode({**HEADER, "alg": "HS256"}, CLAIMS, OctKey.import_key(secret.encode()), default_type=None)
        with pytest.raises(AuthenticationFailed):
            verify(verifier, forged)
    rsa = jwt.encode({**HEADER, "alg": "RS256"}, CLAIMS, RSAKey.generate_key(2048), default_type=None)
    with pytest.raises(AuthenticationFailed):
        verify(verifier, rsa)


def test_a_token_with_another_signature_is_refused(verifier):
    genuine = token()
    for forged in (token(seed=FOREIGN_SEED), token(seed=PEER_SEED), genuine[:-4] + "AAAA", genuine + "A", genuine[:-1]):
        with pytest.raises(AuthenticationFailed):
            verify(verifier, forged)


def test_a_signature_covers_the_claims(verifier):
    header, _, signature = token().split(".")
    claims = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "roles": ["admin"]}).encode()).rstrip(b"=").decode()
    with pytest.raises(AuthenticationFailed):
        verify(verifier, f"{header}.{claims}.{signature}")


@pytest.mark.parametrize(
    "malformed",
    ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "x" * 1_000_000, "[" * 50_000, token() + ".x", "é.é.é", "\x00"],
)
def test_a_malformed_token_is_refused_fast(verifier, malformed):
    with cpu_below(0.05), pytest.raises(AuthenticationFailed):
        verify(verifier, malformed)


def test_a_token_is_verified_once_and_still_expires():
    now = [NOW]
    verifier = TokenVerifier(KEYS, "shop", clock=lambda: now[0])
    valid = token()
    assert verify(verifier, valid) is verify(verifier, valid)
    now[0] = NOW + 46
    with pytest.raises(AuthenticationFailed):
        verify(verifier, valid)


def test_tokens_of_unknown_signers_leave_no_trace_in_cache_or_files(verifier, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = verify(verifier, token())
    for number in range(1_000):
        with pytest.raises(AuthenticationFailed):
            verify(verifier, encode_token({**HEADER, "kid": f"stranger {number}"}))
    assert verify(verifier, token()) is known
    assert list(tmp_path.iterdir()) == []


def test_the_cache_of_tokens_is_bounded():
    signer = TokenSigner(GATEWAY, SEED)
    for number in range(MAX_CACHED_TOKENS + 10):
        signer._cache.get_or_create(number, NOW, lambda until=NOW + number: (until, "token"))
    assert len(signer._cache._values) <= MAX_CACHED_TOKENS


def test_a_signer_issues_a_new_token_after_half_the_lifetime():
    now = [float(NOW)]
    signer = TokenSigner(GATEWAY, SEED, clock=lambda: now[0])
    verifier = TokenVerifier(KEYS, "shop", clock=lambda: now[0])
    first = signer.issue_token("ann", ("sales",), NOTES)
    now[0] += 14
    assert signer.issue_token("ann", ("sales",), NOTES) == first
    assert signer.issue_token("ann", ("sales", "admin"), NOTES) != first
    assert signer.issue_token("ann", ("sales",), Target.get("crm", "/notes")) != first
    now[0] += 2
    second = signer.issue_token("ann", ("sales",), NOTES)
    assert second != first
    assert verify(verifier, second).expires_at == NOW + 16 + 30


def test_signing_keys_are_created_once_and_seeds_are_readable_by_their_owner_only(tmp_path: Path):
    write_signing_keys(tmp_path / "keys", ["gateway", "shop"])
    seed = (tmp_path / "keys" / "gateway.seed").read_text()
    write_signing_keys(tmp_path / "keys", ["gateway", "shop", "crm"])
    assert (tmp_path / "keys" / "gateway.seed").read_text() == seed
    assert (tmp_path / "keys" / "gateway.seed").stat().st_mode & 0o077 == 0
    assert '"d"' not in (tmp_path / "keys" / "jwks.json").read_text()
    verifier = TokenVerifier.from_file(tmp_path / "keys" / "jwks.json", "shop")
    assert verify(verifier, TokenSigner(GATEWAY, bytes.fromhex(seed)).issue_token("ann", (), NOTES)).actor == "ann"


# -- authentication of requests


@pytest.fixture
def client(shop):
    """Client of the shop's app that sends no headers of its own."""
    return build_service_app(shop, RESOURCES, TokenVerifier(KEYS, "shop"), "secret").test_client()


def bearer(path, method="GET", signer=None, audience="shop", roles=("admin",), actor="ann"):
    signed = (signer or TokenSigner(GATEWAY, SEED)).issue_token(actor, roles, Target(audience, method, path))
    return {"Authorization": f"Bearer {signed}"}


@pytest.mark.case("X25")
@pytest.mark.parametrize(("method", "path"), [("GET", "/notes/export"), ("POST", "/notes"), ("GET", "/audit/events")])
def test_a_token_is_good_for_one_method_of_one_path(client, method, path):
    signed = {**bearer("/notes"), "Idempotency-Key": "k"}
    assert client.get("/notes?limit=1", headers=signed).status_code == 200
    assert client.open(path, method=method, headers=signed).status_code == 401


@pytest.mark.parametrize(
    "headers",
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
def test_a_request_without_a_valid_token_is_refused(client, headers, path):
    response = client.get(path, headers=headers)
    assert (response.status_code, response.json["code"]) == (401, "authentication_required")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.content_type == "application/problem+json"


def test_a_request_with_two_tokens_is_refused(client):
    (value,) = bearer("/notes").values()
    response = client.get("/notes", headers=[("Authorization", value), ("Authorization", value)])
    assert response.status_code == 401


def test_a_token_for_another_service_is_refused(client):
    assert client.get("/notes", headers=bearer("/notes", audience="crm")).status_code == 401


def test_identity_headers_of_a_client_are_ignored(shop, client):
    forged = {"X-User-Id": "boss", "X_User_Id": "boss", "X-Roles": "admin", "Idempotency-Key": "k"}
    response = client.post("/notes", json=a_note(), headers={**bearer("/notes", "POST", roles=("sales",)), **forged})
    assert response.status_code == 201
    assert b'"actor":"ann"' in shop.store.log(0, 1)[0].state
    assert (
        client.get("/audit/events", headers={**bearer("/audit/events", roles=("sales",)), **forged}).status_code == 403
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_and_metrics_need_no_token(client, path):
    assert client.get(path).status_code == 200


def test_a_peer_may_read_only_events(shop, client):
    def peer(path, method="GET"):
        return bearer(path, method, TokenSigner("crm", PEER_SEED), actor="crm")

    assert client.get("/events", headers=peer("/events")).status_code == 200
    for path in ("/notes", "/audit/events", "/openapi.json", "/nowhere", "/parked"):
        response = client.get(path, headers=peer(path))
        assert (response.status_code, response.json["code"]) == (403, "forbidden")
    posted = client.post("/notes", json=a_note(), headers={**peer("/notes", "POST"), "Idempotency-Key": "k"})
    assert posted.status_code == 403
    assert shop.store.head() == 0


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("admin", 200), ("sales", 403), ("accountant", 403)])
@pytest.mark.parametrize("path", ["/events", "/audit/events"])
def test_only_auditors_and_administrators_read_all_events(client, path, role, status):
    assert client.get(path, headers=bearer(path, roles=(role,))).status_code == status
