"""Who comes in: the key is shown in `Authorization: Bearer …`, and the table says what it opens."""

from gateway.access.keyring import Keyring
from gateway.routes import Route
from shared.service import Caller
from shared.web import Problem

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sihe"'}
LONGEST_SECRET = 1_024


def identified(authorization: str | None, keyring: Keyring) -> Caller:
    """Who shows the key. Problem 401 without one, with two, or with one that opens nothing: all look the same."""
    scheme, _, secret = (authorization or "").partition(" ")
    caller = None
    if scheme.lower() == "bearer" and len(secret) <= LONGEST_SECRET:
        caller = keyring.caller(_as_written(secret.strip()))
    if caller is None:
        raise Problem(401, "unidentified", "Show a valid key: Authorization: Bearer <key>.", headers=CHALLENGE)
    return caller


def _as_written(secret: str) -> str:
    """Header bytes come as Latin-1; a key of other letters was sent as UTF-8."""
    return secret.encode("latin-1", "replace").decode("utf-8", "replace")


def judge_roles(route: Route, caller: Caller) -> None:
    """Problem 403 unless one of the caller's roles may do this here."""
    if route.roles.isdisjoint(caller.roles):
        raise Problem(403, "forbidden", "This key's roles do not include this.")
