"""AccessKey: authenticates a person or a program and grants roles."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, DomainError, allowed_in, event


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    REVOKED = "revoked"


class Expired(DomainError):
    """Raised when the key has expired; a new key must be issued."""


class AccessKey(Aggregate):
    """The credential of one person or program. pending → active → revoked; rotation replaces only the secret.

    A key for a person who has one already is pending, without a secret, until this person accepts it.

    `digest` is the SHA-256 of the secret. A slow password hash (argon2) protects secrets that can be
    guessed; a secret of 256 random bits cannot, and it is verified on every request.
    """

    @event("Issued")
    def __init__(
        self,
        name: str,
        roles: tuple[str, ...],
        digest: str | None,
        person: str | None,
        expires_at: datetime | None,
        issued_by: str | None = None,
    ) -> None:
        self.name = name
        self.roles = roles
        self.digest = digest
        self.person = person
        self.expires_at = expires_at
        self.issued_by = issued_by
        self.status = Status.PENDING if digest is None else Status.ACTIVE

    @classmethod
    def create_id(cls, name: str) -> UUID:
        """Return the id derived from the name: a name is never reused for another key."""
        return cls.derive_id(name)

    @property
    def actor(self) -> str:
        """The actor recorded for commands authenticated with this key: the person, else the name of the key."""
        return self.person or self.name

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key is active and not expired at this instant."""
        return self.status == Status.ACTIVE and not self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @allowed_in(Status.PENDING)
    def accept(self, digest: str) -> None:
        """Give the key its secret, which only its person receives. Raises WrongStatus unless it is pending."""
        self._accepted(digest=digest)

    @allowed_in(Status.ACTIVE)
    def rotate(self, digest: str, now: datetime) -> None:
        """Replace the secret; the old one is invalid at once. Raises WrongStatus or Expired."""
        if self.is_expired(now):
            raise Expired(f"key {self.id} expired at {self.expires_at}; issue a new key", field="expires_at")
        self._rotated(digest=digest)

    @allowed_in(Status.PENDING, Status.ACTIVE)
    def revoke(self) -> None:
        """Invalidate the key for good. Raises WrongStatus if it is revoked already."""
        self._revoked()

    @event("Accepted")
    def _accepted(self, digest: str) -> None:
        self.digest = digest
        self.status = Status.ACTIVE

    @event("Rotated")
    def _rotated(self, digest: str) -> None:
        self.digest = digest

    @event("Revoked")
    def _revoked(self) -> None:
        self.status = Status.REVOKED
