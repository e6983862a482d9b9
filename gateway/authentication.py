"""Authentication by access key (`Authorization: Bearer …`) and authorisation by the roles of a route."""

from gateway.access.keyring import Keyring
from gateway.access.roles import ROLES, Role
from gateway.guesses import Guesses
from gateway.routes import Route
from shared.command_context import Caller
from shared.web import ProblemError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sihe"'}
MAX_SECRET_LENGTH = 1_024


def authenticate(authorization: str | None, address: str, keyring: Keyring, guesses: Guesses) -> Caller:
    """Return the caller with this key.

    Raises ProblemError 401, always the same, unless the key is valid, or 429 after too many wrong keys.
    """
    secret = secret_of(authorization)
    if secret is not None:
        caller = keyring.caller_of(secret)
        if caller is not None and guesses.accepts(address, secret):
            return caller
        if caller is not None or not keyring.was_issued(secret):
            guesses.count(address, secret).require("too_many_wrong_keys", "Too many wrong keys. Try again later.")
    raise ProblemError(
        401, "authentication_required", "Authentication required (Authorization: Bearer <key>).", headers=CHALLENGE
    )


def secret_of(authorization: str | None) -> str | None:
    """Return the secret of an `Authorization: Bearer …`; none without one that could be a key."""
    scheme, _, secret = (authorization or "").partition(" ")
    is_possible = scheme.lower() == "bearer" and secret.strip() and len(secret) <= MAX_SECRET_LENGTH
    return _decode_secret(secret.strip()) if is_possible else None


def _decode_secret(secret: str) -> str:
    """Return the secret decoded as UTF-8; WSGI passes header bytes as Latin-1."""
    return secret.encode("latin-1", "replace").decode("utf-8", "replace")


def require_role(route: Route, caller: Caller) -> None:
    """Raise ProblemError 403 that names the roles which may, unless the caller has one of them."""
    if route.roles.isdisjoint(caller.roles):
        roles = [each for each in ROLES if each in route.roles]
        named = [each for each in roles if each != Role.ADMIN] or roles
        raise ProblemError(403, "forbidden", f"Permission denied: requires {' or '.join(named)}.", roles=roles)
