"""Signed identity of callers: short-lived Ed25519 tokens (JWT, RFC 7519, 8037, 9864) between the processes.

A token names its signer (`kid` = `iss`), the service it is for (`aud`), the actor (`sub`) and the actor's
roles, and the one request that it is for: its method (`htm`) and its path (`htu`, as in RFC 9449).
Keys are read once, at start; verifying a token never reads a file, a database or the network.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from msgspec import Meta, Struct, field

from shared.codec import DecodeError, decode, to_plain

GATEWAY = "gateway"
ALGORITHM = "Ed25519"
TOKEN_TYPE = "identity+jwt"  # noqa: S105 (a media type)
LIFETIME_SECONDS = 30
LEEWAY_SECONDS = 15
MAX_CACHED_TOKENS = 4_096
MAX_TOKEN_LENGTH = 8_192
MAX_NAME_LENGTH = 200
SEED_BYTES = 32

V = TypeVar("V")


class AuthenticationFailed(Exception):
    """Raised when a request has no valid token. The message names the reason, for the log only."""


Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]


class Identity(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Identity of a caller, as the claims of a token. `only_own`: own records only. Times: seconds since 1970.

    Permissions are patterns (`shared.permissions`) for the audience: on all records, and on the caller's own only.
    """

    issuer: str = field(name="iss")
    audience: str = field(name="aud")
    method: str = field(name="htm")
    path: str = field(name="htu")
    actor: Name = field(name="sub")
    roles: tuple[Name, ...]
    on_behalf_of: Name | None = None
    only_own: bool = False
    permissions: tuple[Name, ...] = ()
    own_permissions: tuple[Name, ...] = ()
    issued_at: int = field(name="iat", default=0)
    not_before: int = field(name="nbf", default=0)
    expires_at: int = field(name="exp")


class Target(NamedTuple):
    """The request that a token is for: the service, the method, and the path without the query."""

    audience: str
    method: str
    path: str

    @classmethod
    def get(cls, audience: str, address: str) -> "Target":
        """Return the target of a GET request; the address may have a query."""
        return cls(audience, "GET", address.partition("?")[0])


class _ExpiringCache(Generic[V]):
    """Values cached until they expire, limited in number."""

    def __init__(self) -> None:
        self._values: dict[Any, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get_or_create(self, key: Any, now: float, create: Callable[[], tuple[float, V]]) -> V:
        """Return the cached value, or a new one; `create` returns it with the time when it expires."""
        cached = self._values.get(key)
        if cached is None or now >= cached[0]:
            cached = create()
            with self._lock:
                self._make_room(now)
                self._values[key] = cached
        return cached[1]

    def _make_room(self, now: float) -> None:
        if len(self._values) >= MAX_CACHED_TOKENS:
            self._values = {each: kept for each, kept in self._values.items() if kept[0] > now}
        if len(self._values) >= MAX_CACHED_TOKENS:
            self._values = {}


class TokenSigner:
    """Issues the signed tokens with which one process calls the others."""

    def __init__(self, name: str, seed: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = _to_jwk(Ed25519PrivateKey.from_private_bytes(seed))
        self._header = {"alg": ALGORITHM, "kid": name, "typ": TOKEN_TYPE}
        self._name = name
        self._clock = clock
        self._cache: _ExpiringCache[str] = _ExpiringCache()

    def issue_token(
        self,
        actor: str,
        roles: Iterable[str],
        target: Target,
        on_behalf_of: str | None = None,
        *,
        only_own: bool = False,
        permissions: tuple[str, ...] = (),
        own_permissions: tuple[str, ...] = (),
    ) -> str:
        """Return a token for requests with this target; it is reused for half of its lifetime."""
        now, roles = self._clock(), tuple(roles)

        def sign() -> tuple[float, str]:
            claims = Identity(
                issuer=self._name, **target._asdict(), actor=actor, roles=roles, on_behalf_of=on_behalf_of,
                only_own=only_own, permissions=permissions, own_permissions=own_permissions, issued_at=int(now),
                expires_at=int(now) + LIFETIME_SECONDS,
            )  # fmt: skip
            return now + LIFETIME_SECONDS / 2, self._sign(claims)

        key = target, actor, roles, on_behalf_of, only_own, permissions, own_permissions
        return self._cache.get_or_create(key, now, sign)

    def _sign(self, claims: Identity) -> str:
        return jwt.encode(self._header, to_plain(claims), self._key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Verifies tokens for one audience with the public keys of all signers."""

    def __init__(self, keys: Mapping[str, Any], audience: str, clock: Callable[[], float] = time.time) -> None:
        """`keys` is a JWK set (RFC 7517) of Ed25519 keys, each with its signer's name as `kid`."""
        self._keys = {each["kid"]: OKPKey.import_key(each) for each in keys["keys"]}
        self._audience = audience
        self._clock = clock
        self._cache: _ExpiringCache[Identity] = _ExpiringCache()

    @classmethod
    def from_file(cls, jwks_file: Path, audience: str) -> "TokenVerifier":
        """Return a verifier with the keys in a file, which is read once."""
        return cls(json.loads(jwks_file.read_text()), audience)

    def verify(self, token: str, method: str, path: str) -> Identity:
        """Return the identity in the token of a request. Raises AuthenticationFailed."""
        now = self._clock()
        identity = self._cache.get_or_create(token, now, lambda: self._verify(token, now))
        if (identity.method, identity.path) != (method, path):
            raise AuthenticationFailed("the token is for another request")
        return identity

    def _verify(self, token: str, now: float) -> tuple[float, Identity]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise AuthenticationFailed("the token is too long")
        try:
            signature = jws.extract_compact(token.encode(), registry=_REGISTRY)
            key = self._keys[_key_id_of(signature.headers())]
            if not jws.validate_compact(signature, key, [ALGORITHM], _REGISTRY):
                raise AuthenticationFailed("the signature is invalid")
            identity = decode(signature.payload, Identity)
        except DecodeError as error:
            raise AuthenticationFailed(f"invalid claims: {error}") from None
        except (JoseError, ValueError, KeyError, RecursionError) as error:
            raise AuthenticationFailed(type(error).__name__) from None
        self._verify_claims(identity, signature.headers()["kid"], now)
        return identity.expires_at, identity

    def _verify_claims(self, claims: Identity, signer: str, now: float) -> None:
        if claims.issuer != signer:
            raise AuthenticationFailed("the issuer is not the signer")
        if claims.audience != self._audience:
            raise AuthenticationFailed("the audience is another service")
        if not "".join((claims.actor, *claims.roles, claims.on_behalf_of or "")).isprintable():
            raise AuthenticationFailed("a name is not printable")
        if not now - LEEWAY_SECONDS < claims.expires_at <= now + LIFETIME_SECONDS + LEEWAY_SECONDS:
            raise AuthenticationFailed("expired, or valid for too long")
        if max(claims.not_before, claims.issued_at) > now + LEEWAY_SECONDS:
            raise AuthenticationFailed("not valid yet")


_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])


def _key_id_of(header: dict[str, Any]) -> str:
    """Return the `kid` of a header that has exactly the three allowed members."""
    signer = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": signer} or not isinstance(signer, str):
        raise AuthenticationFailed("wrong token type, or members in the header that are not allowed")
    return signer


def _to_jwk(private: Ed25519PrivateKey) -> OKPKey:
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def public_jwk(name: str, seed: bytes) -> dict[str, str]:
    """Return the public key of a signer as its entry in a JWK set."""
    public = _to_jwk(Ed25519PrivateKey.from_private_bytes(seed)).as_dict(private=False)
    return {"kty": "OKP", "crv": ALGORITHM, "kid": name, "x": str(public["x"])}


def write_signing_keys(folder: Path, names: Iterable[str]) -> None:
    """Write the signing keys of processes: a seed for each name without one (hex), and `jwks.json` of all names."""
    folder.mkdir(parents=True, exist_ok=True)
    public = []
    for name in names:
        file = folder / f"{name}.seed"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(SEED_BYTES))
        public.append(public_jwk(name, bytes.fromhex(file.read_text())))
    (folder / "jwks.json").write_text(json.dumps({"keys": public}, indent=1))
