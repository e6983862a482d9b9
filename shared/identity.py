"""Signed identity of callers: short-lived Ed25519 tokens (JWT, RFC 7519, 8037, 9864) between the processes.

A token names its signer (`kid` = `iss`), the service it is for (`aud`), the actor (`sub`) and the actor's
roles. Keys are read once, at start; verifying a token never reads a file, a database or the network.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

GATEWAY = "gateway"
ALGORITHM = "Ed25519"
TOKEN_TYPE = "identity+jwt"  # noqa: S105 (a media type)
LIFETIME_SECONDS = 60
LEEWAY_SECONDS = 60
MAX_CACHED_TOKENS = 4_096
MAX_TOKEN_LENGTH = 8_192
MAX_NAME_LENGTH = 200
SEED_BYTES = 32

V = TypeVar("V")


class AuthenticationFailed(Exception):
    """Raised when a request has no valid token. The message names the reason, for the log only."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The verified actor and the issuer. `only_own`: access to own records only; `expires_at`: seconds since 1970."""

    issuer: str
    actor: str
    roles: tuple[str, ...]
    on_behalf_of: str | None
    expires_at: int
    only_own: bool = False


class _ExpiringCache(Generic[V]):
    """Values cached until they expire, limited in number."""

    def __init__(self) -> None:
        self._values: dict[Any, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: Any, now: float) -> V | None:
        until, value = self._values.get(key, (0.0, None))
        return value if now < until else None

    def put(self, key: Any, until: float, value: V, now: float) -> None:
        with self._lock:
            if len(self._values) >= MAX_CACHED_TOKENS:
                self._values = {each: kept for each, kept in self._values.items() if kept[0] > now}
            if len(self._values) >= MAX_CACHED_TOKENS:
                self._values = {}
            self._values[key] = (until, value)


class TokenSigner:
    """Issues signed tokens of one process for its requests to the others."""

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
        audience: str,
        on_behalf_of: str | None = None,
        *,
        only_own: bool = False,
    ) -> str:
        """Return a token for requests to `audience`; it is reused for half of its lifetime."""
        claims = (actor, tuple(roles), audience, on_behalf_of, only_own)
        now = self._clock()
        token = self._cache.get(claims, now)
        if token is None:
            token = self._sign(*claims, now=int(now))
            self._cache.put(claims, now + LIFETIME_SECONDS / 2, token, now)
        return token

    def _sign(
        self, actor: str, roles: tuple[str, ...], audience: str, on_behalf_of: str | None, only_own: bool, now: int
    ) -> str:
        claims: dict[str, Any] = {"iss": self._name, "aud": audience, "sub": actor, "roles": list(roles)}
        claims |= {"iat": now, "exp": now + LIFETIME_SECONDS}
        if on_behalf_of is not None:
            claims["on_behalf_of"] = on_behalf_of
        if only_own:
            claims["only_own"] = True
        return jwt.encode(self._header, claims, self._key, algorithms=[ALGORITHM])


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

    def verify(self, token: str) -> Identity:
        """Return the identity in the token. Raises AuthenticationFailed."""
        now = self._clock()
        identity = self._cache.get(token, now)
        if identity is None:
            identity = self._verify_signature(token, now)
            self._cache.put(token, identity.expires_at, identity, now)
        return identity

    def _verify_signature(self, token: str, now: float) -> Identity:
        if len(token) > MAX_TOKEN_LENGTH:
            raise AuthenticationFailed("the token is too long")
        try:
            signature = jws.extract_compact(token.encode(), registry=_REGISTRY)
            key = self._keys[_key_id_of(signature.headers())]
            is_valid = jws.validate_compact(signature, key, [ALGORITHM], _REGISTRY)
            claims = json.loads(signature.payload) if is_valid else None
        except (JoseError, ValueError, KeyError, RecursionError) as error:
            raise AuthenticationFailed(type(error).__name__) from None
        if not isinstance(claims, dict):
            raise AuthenticationFailed("the signature is invalid, or the claims are not an object")
        return self._to_identity(claims, signature.headers()["kid"], now)

    def _to_identity(self, claims: dict[str, Any], signer: str, now: float) -> Identity:
        if claims.get("iss") != signer:
            raise AuthenticationFailed("the issuer is not the signer")
        if claims.get("aud") != self._audience:
            raise AuthenticationFailed("the audience is another service")
        self._verify_times(claims, now)
        roles, behalf, only_own = claims.get("roles"), claims.get("on_behalf_of"), claims.get("only_own", False)
        if not isinstance(roles, list) or not all(_is_name(each) for each in roles):
            raise AuthenticationFailed("the roles are not a list of names")
        if not _is_name(claims.get("sub")) or not (behalf is None or _is_name(behalf)):
            raise AuthenticationFailed("the actor is not a name")
        if type(only_own) is not bool:
            raise AuthenticationFailed("only_own is not a boolean")
        return Identity(signer, claims["sub"], tuple(roles), behalf, claims["exp"], only_own)

    def _verify_times(self, claims: dict[str, Any], now: float) -> None:
        times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
        if any(type(each) is not int for each in times.values()) or "exp" not in times:
            raise AuthenticationFailed("exp is missing, or a time is not in whole seconds")
        if not now - LEEWAY_SECONDS < times["exp"] <= now + LIFETIME_SECONDS + LEEWAY_SECONDS:
            raise AuthenticationFailed("expired, or valid for too long")
        if max(times.get("nbf", 0), times.get("iat", 0)) > now + LEEWAY_SECONDS:
            raise AuthenticationFailed("not valid yet")


_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])


def _key_id_of(header: dict[str, Any]) -> str:
    """Return the `kid` of a header that has exactly the three allowed members."""
    signer = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": signer} or not _is_name(signer):
        raise AuthenticationFailed("wrong token type, or members in the header that are not allowed")
    return str(signer)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_LENGTH and value.isprintable()


def _to_jwk(private: Ed25519PrivateKey) -> OKPKey:
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def public_jwk(name: str, seed: bytes) -> dict[str, str]:
    """Return the signer's entry in a JWK set."""
    public = _to_jwk(Ed25519PrivateKey.from_private_bytes(seed)).as_dict(private=False)
    return {"kty": "OKP", "crv": ALGORITHM, "kid": name, "x": str(public["x"])}


def issue_keys(folder: Path, names: Iterable[str]) -> None:
    """Write a seed for each name without one (hex, readable by the owner only), and `jwks.json` of all names."""
    folder.mkdir(parents=True, exist_ok=True)
    public = []
    for name in names:
        file = folder / f"{name}.seed"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(SEED_BYTES))
        public.append(public_jwk(name, bytes.fromhex(file.read_text())))
    (folder / "jwks.json").write_text(json.dumps({"keys": public}, indent=1))
