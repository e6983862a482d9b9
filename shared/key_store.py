"""Encryption of personal data with one key per person; destroying the key erases the person (crypto-shredding)."""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain import DomainError, PersonalData
from shared.store import StoreError
from shared.store.sqlite_connections import ThreadConnections

NONCE_BYTES = 12
CREATE_TABLE = "CREATE TABLE IF NOT EXISTS keys (subject BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"


ERASED = b""
"""What is stored in place of a destroyed key, so that the person never gets another one."""


class PersonalDataErased(DomainError):
    """Raised when personal data is to be stored for a person or firm whose personal data was erased."""


class KeyStore:
    """Store of persons' encryption keys, a database apart from events and backups (AES-256-GCM). Raises StoreError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = ThreadConnections(path, "synchronous=FULL", "secure_delete=ON", translate=_store_error)

    def migrate(self) -> None:
        """Create the table; the file is readable by its owner only."""
        self._connections.create()
        self._connections.query(CREATE_TABLE)

    def encrypt(self, subject: UUID, text: str) -> PersonalData:
        """Return the encrypted text. The first field of a person creates the key. Raises PersonalDataErased."""
        key = self._get_key(subject)
        if key is None:
            key = self._create_key(subject)
        if key == ERASED:
            raise PersonalDataErased("its personal data was erased: no new personal data can be stored for it")
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(key).encrypt(nonce, text.encode(), subject.bytes)
        return PersonalData(subject, b64encode(nonce + cipher).decode())

    def decrypt(self, subject: UUID, cipher: str) -> str | None:
        """Return the text, or None once the person is erased."""
        return _decrypt(self._get_key(subject), subject, cipher)

    def decrypter(self) -> Callable[[UUID, str], str | None]:
        """Return `decrypt` for the fields of one answer: it reads the key of each person once."""
        key_of = cache(self._get_key)
        return lambda subject, cipher: _decrypt(key_of(subject), subject, cipher)

    def erase(self, subject: UUID) -> None:
        """Destroy the key: what it encrypted can no longer be read, here or in any copy. Without effect if repeated."""
        if self._get_key(subject) == ERASED:
            return
        self._connections.query("INSERT OR REPLACE INTO keys VALUES (?, ?)", (subject.bytes, ERASED))

    def erased(self) -> set[UUID]:
        """Return the persons whose key was destroyed."""
        rows = self._connections.query("SELECT subject FROM keys WHERE key=?", (ERASED,))
        return {UUID(bytes=subject) for (subject,) in rows}

    def has_key(self, subject: UUID) -> bool:
        """Return whether there is a key, so that what it encrypted can be read."""
        return bool(self._get_key(subject))

    def close(self) -> None:
        self._connections.close()

    def _get_key(self, subject: UUID) -> bytes | None:
        rows = self._connections.query("SELECT key FROM keys WHERE subject=?", (subject.bytes,))
        return rows[0][0] if rows else None

    def _create_key(self, subject: UUID) -> bytes:
        fresh = AESGCM.generate_key(256)
        self._connections.query("INSERT OR IGNORE INTO keys VALUES (?, ?)", (subject.bytes, fresh))
        stored = self._get_key(subject)
        return fresh if stored is None else stored


def _decrypt(key: bytes | None, subject: UUID, cipher: str) -> str | None:
    if key:
        encrypted = b64decode(cipher)
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], subject.bytes).decode()
    return None


def _store_error(error: Exception) -> StoreError:
    return StoreError(f"the key store is unavailable: {error}")
