"""Parameters of a read as the access log keeps them: ids and codes as given, other values as digests."""

import hmac
import re
from collections.abc import Iterable, Mapping

KEPT_NAMES = re.compile(
    r"id|number|code|sku|account|entity|warehouse|status|currency|document|party|entry|kind|type|direction|date|dated"
    r"|purchase_order|aggregate|correlation|limit|after|count|consistency|sort|sum|group_by|show|by|from|to|as_of"
    r"|known_at|format|.+_(?:id|on|at|days|number)"
)
"""Parameters whose values are ids, codes, states, numbers or days, never the name or the address of a person."""
_PLAIN = re.compile(r"[A-Za-z0-9_.:/+,-]{1,200}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DIGEST_PREFIX = "digest:"
DIGEST_LENGTH = 16


def logged_parameters(given: Iterable[tuple[str, str]], secret: bytes) -> Mapping[str, str]:
    """Return the parameters of a request by name: ids and codes as given, keyed digests of what can be personal."""
    return {name: value if is_kept(name, value) else digest(value, secret) for name, value in sorted(given)}


def is_kept(name: str, value: str) -> bool:
    """Return whether a value is logged as given: it is an id, or the parameter has only codes and it looks like one."""
    plain_name = name.partition("[")[0]
    return bool(_ID.fullmatch(value) or (KEPT_NAMES.fullmatch(plain_name) and _PLAIN.fullmatch(value)))


def digest(value: str, secret: bytes) -> str:
    """Return the digest of a value. Equal values have equal ones; without the secret none can be guessed."""
    return DIGEST_PREFIX + hmac.digest(secret, value.encode(errors="replace"), "sha256").hex()[:DIGEST_LENGTH]
