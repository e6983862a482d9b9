"""Encryption of personal data with one key per person; destroying the key erases the person (crypto-shredding)."""

import os
import sqlite3
import threading
from base64 import b64decode, b64encode
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain import PersonalData

NONCE_BYTES = 12


class KeyStore:
    """Keys in a database apart from the events and their backups (AES-256-GCM, random nonce per field)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        keys: sqlite3.Connection | None = getattr(self._local, "keys", None)
        if keys is None:
            keys = self._local.keys = sqlite3.connect(self.path, isolation_level=None, timeout=5)
            keys.execute("PRAGMA synchronous=FULL")
            keys.execute("PRAGMA secure_delete=ON")
        return keys

    def migrate(self) -> None:
        """Create the table; the file is readable by its owner only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection().execute(
            "CREATE TABLE IF NOT EXISTS keys (subject BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"
        )
        self.path.chmod(0o600)

    def encrypt(self, subject: UUID, text: str) -> PersonalData:
        """Return the encrypted text. The first field of a person creates the key."""
        key = self._get_key(subject) or self._create_key(subject)
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(key).encrypt(nonce, text.encode(), subject.bytes)
        return PersonalData(subject, b64encode(nonce + cipher).decode())

    def decrypt(self, subject: UUID, cipher: str) -> str | None:
        """Return the text, or None once the person is erased."""
        key = self._get_key(subject)
        if key is None:
            return None
        encrypted = b64decode(cipher)
        try:
            return AESGCM(key).decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], subject.bytes).decode()
        except InvalidTag:
            return None

    def erase(self, subject: UUID) -> None:
        """Destroy the key: what it encrypted can no longer be read, here or in any copy."""
        self._connection().execute("DELETE FROM keys WHERE subject=?", (subject.bytes,))

    def _get_key(self, subject: UUID) -> bytes | None:
        row = self._connection().execute("SELECT key FROM keys WHERE subject=?", (subject.bytes,)).fetchone()
        return row[0] if row else None

    def _create_key(self, subject: UUID) -> bytes:
        fresh = AESGCM.generate_key(256)
        self._connection().execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (subject.bytes, fresh))
        return self._get_key(subject) or fresh
