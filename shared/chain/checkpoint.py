"""A service's signed word about its log: so many events, this chain, this root, at this time (Ed25519, RFC 8032)."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from shared.chain.log_chain import Tip

OWNER_ONLY = 0o600
SEED_BYTES = 32
WORDS = "sihe checkpoint 1\n{}\n{}\n{}\n{}\n{}\n{}\n"


class Unsigned(Exception):
    """Not the word of the service it names."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Hashes, key and signature in hex; `at` is RFC 3339. Whoever keeps one can show later that the log was changed."""

    service: str
    epoch: str
    position: int
    head: str
    root: str
    at: str
    key: str
    signature: str = ""

    @property
    def words(self) -> bytes:
        """What is signed."""
        return WORDS.format(self.service, self.epoch, self.position, self.head, self.root, self.at).encode()

    def judge(self) -> None:
        """Raises Unsigned unless the key it names signed it."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), self.words)
        except (InvalidSignature, ValueError):
            raise Unsigned(f"the signature over {self.service} at {self.position} is not good") from None


class Notary:
    """Signs for one service, with a key of its own that lasts as long as the log does."""

    def __init__(self, service: str, seed_file: Path) -> None:
        self._service = service
        self._seed_file = seed_file

    def migrate(self) -> None:
        """Make the key if there is none, readable by the owner only."""
        self._seed_file.parent.mkdir(parents=True, exist_ok=True)
        if not self._seed_file.exists():
            self._seed_file.touch(mode=OWNER_ONLY)
            self._seed_file.write_text(secrets.token_hex(SEED_BYTES))

    def sign(self, epoch: str, tip: "Tip") -> Checkpoint:
        """The checkpoint of a log that ends so, now."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        said = Checkpoint(self._service, epoch, tip.position, tip.head.hex(), tip.root().hex(), at, self.key)
        return replace(said, signature=self._private.sign(said.words).hex())

    @cached_property
    def key(self) -> str:
        """The public key, in hex."""
        return self._private.public_key().public_bytes_raw().hex()

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._seed_file.read_text()))
