"""S33, S35, S36, S41-S46: authentication and HTTP. A refused request stores nothing."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, OKPKey

from shared.identity import GATEWAY, TOKEN_TYPE, public_jwk
from tests.integration.bad_input.firm import SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused

REQUEST = {"htm": "POST", "htu": "/customers"}

untouched = pytest.mark.usefixtures("nothing_stored")

FORGED = {
    "X-User-Id": "root", "X_User_Id": "root", "X-Roles": "admin", "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-User": "root", "Forwarded": "for=10.0.0.1;by=root", "X-Tenant": "other", "X-On-Behalf-Of": "root",
}  # fmt: skip


def test_s33_identity_headers_of_a_client_are_ignored(desk: GatewayCaller) -> None:
    anna = desk.with_new_key("sales", person="anna")
    body = {"code": "S33", "name": "Xaver", "currency": "USD"}
    answer = anna.post("/crm/customers", body, **{name.replace("-", "_"): value for name, value in FORGED.items()})
    assert answer.status_code == 201
    log = desk.get(f"/audit/crm/events?aggregate={answer.json()['id']}").text
    assert [json.loads(line)["actor"] for line in log.splitlines()] == ["anna"]
    assert_refused(anna.get("/erp/journal", headers=FORGED), 403)
    desk.suite.wait_until_idle()


class Service:
    """A service reached without the gateway."""

    def __init__(self, desk: GatewayCaller, name: str = "crm") -> None:
        self.url = f"http://127.0.0.1:{desk.suite.running['ports'][f'{name}-api']}"
        keys = desk.suite.home / "keys"
        self.seed = bytes.fromhex((keys / f"{GATEWAY}.seed").read_text())

    def response_to(self, *authorization: str, path: str = "/customers", **headers: str) -> httpx2.Response:
        sent_headers = [*(("Authorization", each) for each in authorization), *headers.items()]
        body = {"code": "S42", "name": "Xaver", "currency": "USD"}
        sent_headers.append(("Idempotency-Key", "s42"))
        return httpx2.post(f"{self.url}{path}", json=body, headers=sent_headers, trust_env=False, timeout=60)

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a token as the gateway issues it, with the given members replaced; `...` leaves a member out."""
        now = int(time.time())
        usual = {"iss": GATEWAY, "aud": "crm", "sub": "ann", "roles": ["admin"], "iat": now, "exp": now + 30}
        usual |= REQUEST
        head = _members({"alg": "Ed25519", "kid": GATEWAY, "typ": TOKEN_TYPE} | (header or {}))
        registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
        return jwt.encode(head, _members(usual | claims), self._private(), registry=registry, default_type=None)

    def _private(self) -> OKPKey:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _b64(self.seed), "x": self.public})

    @property
    def public(self) -> str:
        key: str = public_jwk(GATEWAY, self.seed)["x"]
        return key


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _members(given: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in given.items() if each is not ...}


def unsigned_token(header: dict[str, Any], signature: bytes = b"") -> str:
    claims = {"iss": GATEWAY, "aud": "crm", "sub": "ann", "roles": ["admin"], "exp": int(time.time()) + 30, **REQUEST}
    return ".".join(_b64(part) for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature))


@pytest.fixture(scope="module")
def crm(desk: GatewayCaller, firm: SampleFirm) -> Service:
    del firm
    return Service(desk)


@untouched
def test_s33_a_service_refuses_direct_requests(crm: Service) -> None:
    assert_401(crm.response_to(**FORGED))


def test_s33_the_unchanged_token_of_these_tests_is_valid(crm: Service) -> None:
    assert (
        httpx2.get(f"{crm.url}/customers", headers={"Authorization": f"Bearer {crm.token(htm='GET')}"}).status_code
        == 200
    )


def assert_401(answer: httpx2.Response) -> None:
    assert_refused(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@untouched
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/erp/%2e%2e/crm/customers", "/api/v1/erp/../crm/customers", "/api/v1//crm/customers",
        "//api/v1/crm/customers",
        "/api/v1/crm/customers;x", "/api/v1/crm%2fcustomers", "/api/v1/crm/customers%00", "/api/v1/crm/customers.",
        "/API/v1/crm/customers", "/api/v1/CRM/customers", "/api/v1/crm/customers/", "/api/v1/crm\\customers",
        "/api/v1/erp/..%2fcrm/customers", "/api/v1/crm/%63ustomers", "/api/v1/crm/customers/..",
    ],
)  # fmt: skip
def test_s35_a_path_in_another_spelling_is_not_found(desk: GatewayCaller, path: str) -> None:
    status, headers, body = desk.send_raw(desk.request_head(path, method="GET"))
    assert status in (400, 404), (status, body)
    assert headers["content-type"] == "application/problem+json"


@untouched
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/status", "/events", "/parked", "/audit/events", "/crm/events", "/crm/metrics", "/crm/healthz",
        "/crm/readyz",
        "/crm/audit/events", "/crm/parked", "/crm/parked/erp/retry", "/crm/reports", "/crm/openapi.json", "/erp/status",
    ],
)  # fmt: skip
def test_s36_internal_paths_are_not_public(desk: GatewayCaller, method: str, path: str) -> None:
    for root in ("", "/api/v1"):
        status, _, _ = desk.send_raw(desk.request_head(f"{root}{path}?after=0", "Content-Length: 0", method=method))
        assert status == 404, root + path


@untouched
@pytest.mark.parametrize(
    "headers",
    [
        [], ["Authorization: Basic YWRtaW46YWRtaW4="], ["Authorization: Bearer"], ["Authorization: Bearer unknown"],
        ["Authorization: Bearer {0}", "Authorization: Bearer {0}"],
        ["Authorization: Bearer {0}", "Authorization: Basic eDp5"],
        ["Authorization: {0}"], ["Authorization: Bearer {0}, Bearer {0}"], ["Authorization: Bearer " + "x" * 5_000],
    ],
    ids=["none", "Basic", "empty", "unknown", "twice the same", "two", "no scheme", "a list", "long"],
)  # fmt: skip
def test_s41_an_unknown_caller_is_refused(desk: GatewayCaller, headers: list[str]) -> None:
    sent_headers = [each.replace("{0}", desk.secret) for each in headers]
    head = "\r\n".join(["GET /api/v1/crm/customers HTTP/1.1", "Host: x", *sent_headers])
    status, answered, _ = desk.send_raw(f"{head}\r\n\r\n".encode())
    assert (status, answered["www-authenticate"]) == (401, 'Bearer realm="sihe"')


@untouched
@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "ES256", "EdDSA", "Ed448", "", None])
def test_s42_a_token_with_another_algorithm_is_refused(crm: Service, algorithm: Any) -> None:
    header = {"alg": algorithm, "kid": GATEWAY, "typ": TOKEN_TYPE}
    for signature in (b"", b"x" * 64):
        assert_401(crm.response_to(f"Bearer {unsigned_token(header, signature)}"))


@untouched
def test_s42_a_token_signed_with_the_public_key_as_secret_is_refused(crm: Service) -> None:
    for secret in (crm.public, base64.urlsafe_b64decode(crm.public + "=")):
        header = {"alg": "HS256", "kid": GATEWAY, "typ": TOKEN_TYPE}
        claims = {"iss": GATEWAY, "aud": "crm", "sub": "ann", "roles": ["admin"], "exp": int(time.time()) + 60}
        assert_401(
            crm.response_to(f"Bearer {jwt.encode(header, claims, OctKey.import_key(secret), default_type=None)}")
        )


@untouched
@pytest.mark.parametrize(
    "kid",
    ["../../keys/gateway.seed", "' OR 1=1 --", "http://evil.example/jwks.json", "scm", "x" * 3_000, "", ..., 7, None],
    ids=lambda kid: str(kid)[:20],
)
def test_s43_a_token_of_an_unknown_signer_is_refused(crm: Service, kid: Any) -> None:
    token = (
        crm.token({"kid": kid})
        if isinstance(kid, str) or kid is ...
        else unsigned_token({"alg": "Ed25519", "kid": kid, "typ": TOKEN_TYPE})
    )
    assert_401(crm.response_to(f"Bearer {token}"))


@untouched
def test_s43_valid_tokens_are_accepted_after_a_thousand_unknown_signers(crm: Service) -> None:
    with httpx2.Client(base_url=crm.url, trust_env=False) as client:
        for each in range(1_000):
            token = unsigned_token({"alg": "Ed25519", "kid": f"signer-{each}", "typ": TOKEN_TYPE}, b"x" * 64)
            assert client.get("/customers", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert client.get("/customers", headers={"Authorization": f"Bearer {crm.token(htm='GET')}"}).status_code == 200


@untouched
@pytest.mark.parametrize(
    "header",
    [
        {"jku": "http://evil.example/jwks.json"}, {"x5u": "http://evil.example/cert.pem"}, {"x5c": ["MIIB"]},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, {"typ": "JWT"}, {"typ": "rt+jwt"}, {"cty": "JWT"},
    ],
    ids=str,
)  # fmt: skip
def test_s44_a_token_with_its_own_key_or_another_type_is_refused(crm: Service, header: dict[str, Any]) -> None:
    assert_401(crm.response_to(f"Bearer {crm.token(header)}"))


@untouched
@pytest.mark.parametrize(
    "more", [{"crit": ["exp"]}, {"crit": ["urn:x"]}, {"b64": False}, {"b64": False, "crit": ["b64"]}], ids=str
)
def test_s44_a_token_with_an_unknown_extension_is_refused(crm: Service, more: dict[str, Any]) -> None:
    assert_401(
        crm.response_to(
            f"Bearer {unsigned_token({'alg': 'Ed25519', 'kid': GATEWAY, 'typ': TOKEN_TYPE, **more}, b'x' * 64)}"
        )
    )


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@untouched
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": ...}, {"exp": -HOUR}, {"exp": 2 * HOUR}, {"exp": None}, {"exp": "soon"}, {"nbf": HOUR},
        {"aud": "erp"}, {"aud": ["crm", "erp"]}, {"aud": ...}, {"iss": "crm"}, {"iss": "evil"}, {"iss": ...},
        {"sub": 5}, {"sub": ...},
        {"sub": ""}, {"roles": ...}, {"roles": "admin"},
    ],
    ids=str,
)  # fmt: skip
def test_s45_a_token_with_an_invalid_claim_is_refused(crm: Service, claims: dict[str, Any]) -> None:
    from_now = {name: int(time.time() + each / SECOND) for name, each in claims.items() if isinstance(each, timedelta)}
    assert_401(crm.response_to(f"Bearer {crm.token(**(claims | from_now))}"))


@untouched
def test_s45_a_token_for_one_service_is_refused_by_another(desk: GatewayCaller, crm: Service) -> None:
    assert_401(Service(desk, "scm").response_to(f"Bearer {crm.token()}", path="/carriers"))


def test_s46_a_revoked_or_rotated_key_is_refused_at_once(desk: GatewayCaller) -> None:
    for action in ("revoke", "rotate"):
        issued = desk.command("/access/keys", {"name": f"S46 {action}", "roles": ["sales"]})
        seller = GatewayCaller(desk.suite, issued["secret"])
        changing = seller if action == "rotate" else desk
        assert seller.get("/crm/customers").status_code == 200
        changing.command(f"/access/keys/{issued['id']}/{action}")
        assert_refused(seller.get("/crm/customers"), 401)
        before = desk.stored_counts()
        assert_refused(seller.post("/crm/customers", {"code": "S46", "name": "Xaver", "currency": "USD"}), 401)
        assert desk.stored_counts() == before
