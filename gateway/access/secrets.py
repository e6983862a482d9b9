"""Secrets of keys: made here, shown once, never stored."""

import hashlib
import re
import secrets
from uuid import UUID

SECRET_BYTES = 32
_FORM = re.compile(r"sihe_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")


def new_secret(key_id: UUID) -> str:
    """`sihe_<id>_<256 random bits>`: the id finds the key, the rest opens it."""
    return f"sihe_{key_id.hex}_{secrets.token_urlsafe(SECRET_BYTES)}"


def key_named_in(secret: str) -> UUID | None:
    """The key a secret says it belongs to; None if it is not of our making."""
    match = _FORM.fullmatch(secret)
    return UUID(match[1]) if match else None


def digest_of(secret: str) -> str:
    """What is stored instead of it: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
