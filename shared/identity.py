"""Who asks, vouched for by a signature: short-lived Ed25519 tokens (JWT, RFC 7519, 8037, 9864) between the processes.

A token names its signer (`kid` = `iss`), the service it is for (`aud`), the actor (`sub`) and the actor's
roles. Keys are read once, at start; no token, however made, causes a file, a query or a call.
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
TYPE = "identity+jwt"
LIFE_SECONDS = 60
LEEWAY_SECONDS = 60
KEPT_TOKENS = 4_096
LONGEST_TOKEN = 8_192
LONGEST_NAME = 200
SEED_BYTES = 32

V = TypeVar("V")


class Unidentified(Exception):
    """Nobody vouches for this request. The message says what is wrong, for the log."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and which process says so; whether he sees only his own. `expires_at` is in seconds since 1970."""

    issuer: str
    actor: str
    roles: tuple[str, ...]
    on_behalf_of: str | None
    expires_at: int
    only_own: bool = False


class _Kept(Generic[V]):
    """Values kept until a time, within bounds."""

    def __init__(self) -> None:
        self._values: dict[Any, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: Any, now: float) -> V | None:
        until, value = self._values.get(key, (0.0, None))
        return value if now < until else None

    def put(self, key: Any, until: float, value: V, now: float) -> None:
        with self._lock:
            if len(self._values) >= KEPT_TOKENS:
                self._values = {each: kept for each, kept in self._values.items() if kept[0] > now}
            if len(self._values) >= KEPT_TOKENS:
                self._values = {}
            self._values[key] = (until, value)


class Signer:
    """Vouches, in the name of one process, for those on whose behalf it asks another."""

    def __init__(self, name: str, seed: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = _private_key(Ed25519PrivateKey.from_private_bytes(seed))
        self._header = {"alg": ALGORITHM, "kid": name, "typ": TYPE}
        self._name = name
        self._clock = clock
        self._kept: _Kept[str] = _Kept()

    def token(
        self,
        actor: str,
        roles: Iterable[str],
        audience: str,
        on_behalf_of: str | None = None,
        *,
        only_own: bool = False,
    ) -> str:
        """A token for a request to `audience`; the same one again for half of its life."""
        wanted = (actor, tuple(roles), audience, on_behalf_of, only_own)
        now = self._clock()
        known = self._kept.get(wanted, now)
        if known is None:
            known = self._signed(*wanted, now=int(now))
            self._kept.put(wanted, now + LIFE_SECONDS / 2, known, now)
        return known

    def _signed(
        self, actor: str, roles: tuple[str, ...], audience: str, on_behalf_of: str | None, only_own: bool, now: int
    ) -> str:
        claims: dict[str, Any] = {"iss": self._name, "aud": audience, "sub": actor, "roles": list(roles)}
        claims |= {"iat": now, "exp": now + LIFE_SECONDS}
        if on_behalf_of is not None:
            claims["on_behalf_of"] = on_behalf_of
        if only_own:
            claims["only_own"] = True
        return jwt.encode(self._header, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Knows the public keys of all who may sign, and takes tokens for one audience only."""

    def __init__(self, keys: Mapping[str, Any], audience: str, clock: Callable[[], float] = time.time) -> None:
        """`keys` is a JWK set (RFC 7517) of Ed25519 keys, each with its signer's name as `kid`."""
        self._keys = {each["kid"]: OKPKey.import_key(each) for each in keys["keys"]}
        self._audience = audience
        self._clock = clock
        self._kept: _Kept[Identity] = _Kept()

    @classmethod
    def reading(cls, jwks_file: Path, audience: str) -> "Verifier":
        """With the keys in a file, read now and never again."""
        return cls(json.loads(jwks_file.read_text()), audience)

    def identity(self, token: str) -> Identity:
        """Who shows this token. Raises Unidentified."""
        now = self._clock()
        known = self._kept.get(token, now)
        if known is None:
            known = self._verified(token, now)
            self._kept.put(token, known.expires_at, known, now)
        return known

    def _verified(self, token: str, now: float) -> Identity:
        if len(token) > LONGEST_TOKEN:
            raise Unidentified("the token is too long")
        try:
            shown = jws.extract_compact(token.encode(), registry=_REGISTRY)
            key = self._keys[_signer_of(shown.headers())]
            genuine = jws.validate_compact(shown, key, [ALGORITHM], _REGISTRY)
            claims = json.loads(shown.payload) if genuine else None
        except (JoseError, ValueError, KeyError, RecursionError) as wrong:
            raise Unidentified(type(wrong).__name__) from None
        if not isinstance(claims, dict):
            raise Unidentified("not genuine")
        return self._judged(claims, shown.headers()["kid"], now)

    def _judged(self, claims: dict[str, Any], signer: str, now: float) -> Identity:
        if claims.get("iss") != signer:
            raise Unidentified("signed by another than it says")
        if claims.get("aud") != self._audience:
            raise Unidentified("meant for another service")
        self._judge_times(claims, now)
        roles, behalf, only_own = claims.get("roles"), claims.get("on_behalf_of"), claims.get("only_own", False)
        if not isinstance(roles, list) or not all(_is_name(each) for each in roles):
            raise Unidentified("the roles are not a list of names")
        if not _is_name(claims.get("sub")) or not (behalf is None or _is_name(behalf)):
            raise Unidentified("the actor is not a name")
        if type(only_own) is not bool:
            raise Unidentified("it is not clear how much may be seen")
        return Identity(signer, claims["sub"], tuple(roles), behalf, claims["exp"], only_own)

    def _judge_times(self, claims: dict[str, Any], now: float) -> None:
        times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
        if any(type(each) is not int for each in times.values()) or "exp" not in times:
            raise Unidentified("the times are not whole seconds, or there is no end")
        if not now - LEEWAY_SECONDS < times["exp"] <= now + LIFE_SECONDS + LEEWAY_SECONDS:
            raise Unidentified("expired, or good for too long")
        if max(times.get("nbf", 0), times.get("iat", 0)) > now + LEEWAY_SECONDS:
            raise Unidentified("not good yet")


_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])


def _signer_of(header: dict[str, Any]) -> str:
    """The `kid` of a header that has exactly the three members it may have: what is not there cannot mislead."""
    signer = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": TYPE, "kid": signer} or not _is_name(signer):
        raise Unidentified("another kind of token, or more in its header than it may have")
    return str(signer)


def _is_name(thing: object) -> bool:
    return isinstance(thing, str) and 0 < len(thing) <= LONGEST_NAME and thing.isprintable()


def _private_key(private: Ed25519PrivateKey) -> OKPKey:
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def public_key(name: str, seed: bytes) -> dict[str, str]:
    """The signer's entry in a JWK set."""
    public = _private_key(Ed25519PrivateKey.from_private_bytes(seed)).as_dict(private=False)
    return {"kty": "OKP", "crv": ALGORITHM, "kid": name, "x": str(public["x"])}


def issue_keys(folder: Path, names: Iterable[str]) -> None:
    """A seed for every name that has none yet (hex, readable by the owner only), and `jwks.json` of them all."""
    folder.mkdir(parents=True, exist_ok=True)
    public = []
    for name in names:
        file = folder / f"{name}.seed"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(SEED_BYTES))
        public.append(public_key(name, bytes.fromhex(file.read_text())))
    (folder / "jwks.json").write_text(json.dumps({"keys": public}, indent=1))
