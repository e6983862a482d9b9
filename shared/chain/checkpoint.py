"""Checkpoint: signed statement of a log's length, chain hash, Merkle root and time (Ed25519, RFC 8032)."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

OWNER_ONLY = 0o600
SEED_BYTES = 32
SIGNED_FORMAT = "sihe checkpoint 1\n{}\n{}\n{}\n{}\n{}\n{}\n"


class InvalidCheckpoint(Exception):
    """Raised when a checkpoint is not signed by the key it names."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Signed state of a log, to prove later that it was changed. Hashes, key, signature in hex; `at` in RFC 3339."""

    service: str
    epoch: str
    position: int
    head: str
    root: str
    at: str
    key: str
    signature: str = ""

    @property
    def signed_bytes(self) -> bytes:
        return SIGNED_FORMAT.format(self.service, self.epoch, self.position, self.head, self.root, self.at).encode()

    def verify(self) -> None:
        """Verify the signature with the named key. Raises InvalidCheckpoint."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), self.signed_bytes)
        except (InvalidSignature, ValueError):
            raise InvalidCheckpoint(f"invalid signature of {self.service} at position {self.position}") from None


class CheckpointSigner:
    """Signs checkpoints of one service with its own key, which lasts as long as the log."""

    def __init__(self, service: str, seed_file: Path) -> None:
        self._service = service
        self._seed_file = seed_file

    def migrate(self) -> None:
        """Create a missing key, readable by its owner only."""
        self._seed_file.parent.mkdir(parents=True, exist_ok=True)
        if not self._seed_file.exists():
            self._seed_file.touch(mode=OWNER_ONLY)
            self._seed_file.write_text(secrets.token_hex(SEED_BYTES))

    def sign(self, epoch: str, position: int, head: bytes, root: bytes) -> Checkpoint:
        """Return the checkpoint of a log of this length, chain hash and Merkle root, signed now."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        unsigned = Checkpoint(self._service, epoch, position, head.hex(), root.hex(), at, self.public_key)
        return replace(unsigned, signature=self._private_key.sign(unsigned.signed_bytes).hex())

    @cached_property
    def public_key(self) -> str:
        """Public key in hex."""
        return self._private_key.public_key().public_bytes_raw().hex()

    @cached_property
    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._seed_file.read_text()))
