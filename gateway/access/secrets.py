"""Secrets of access keys: generated here, returned once, never stored."""

import hashlib
import re
import secrets
from uuid import UUID

SECRET_BYTES = 32
_SECRET_PATTERN = re.compile(r"sihe_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")


def new_secret(key_id: UUID) -> str:
    """Return `sihe_<id>_<256 random bits>`: the id selects the key, the random part authenticates."""
    return f"sihe_{key_id.hex}_{secrets.token_urlsafe(SECRET_BYTES)}"


def key_id_of(secret: str) -> UUID | None:
    """Return the id of the key in a secret; None if the format is unknown."""
    match = _SECRET_PATTERN.fullmatch(secret)
    return UUID(match[1]) if match else None


def digest_of(secret: str) -> str:
    """Return the SHA-256 of the secret in hex; it is stored instead of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
