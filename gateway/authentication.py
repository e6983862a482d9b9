"""Authentication by access key (`Authorization: Bearer …`) and authorisation by the roles of a route."""

from gateway.access.keyring import Keyring
from gateway.routes import Route
from shared.command_context import Caller
from shared.web import ProblemError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sihe"'}
MAX_SECRET_LENGTH = 1_024


def authenticate(authorization: str | None, keyring: Keyring) -> Caller:
    """Return the caller with this key. Raises ProblemError 401, always the same, unless the key is valid."""
    scheme, _, secret = (authorization or "").partition(" ")
    caller = None
    if scheme.lower() == "bearer" and len(secret) <= MAX_SECRET_LENGTH:
        caller = keyring.caller_of(_decode_secret(secret.strip()))
    if caller is None:
        raise ProblemError(
            401, "authentication_required", "Authentication required (Authorization: Bearer <key>).", headers=CHALLENGE
        )
    return caller


def _decode_secret(secret: str) -> str:
    """Return the secret decoded as UTF-8; WSGI passes header bytes as Latin-1."""
    return secret.encode("latin-1", "replace").decode("utf-8", "replace")


def require_role(route: Route, caller: Caller) -> None:
    """Raise ProblemError 403 unless the route allows one of the caller's roles."""
    if route.roles.isdisjoint(caller.roles):
        detail = f"The roles of this key do not allow this request, which needs the permission {route.permission}."
        raise ProblemError(403, "forbidden", detail)
