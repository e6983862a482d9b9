"""AccessKey: what lets a person or a program in, and with which roles."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, Refused, event


class Status(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


class Expired(Refused):
    """The key's time is over; a new one is needed."""


class AccessKey(Aggregate):
    """A way in for one person or program. active → revoked; rotating changes the secret and nothing else.

    `digest` is the SHA-256 of the secret. A slow password hash (argon2) would protect something that can be
    guessed; a secret of 256 random bits cannot be, and it is checked on every request.
    """

    @event("Issued")
    def __init__(
        self,
        name: str,
        roles: tuple[str, ...],
        digest: str,
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
        self.status = Status.ACTIVE

    @classmethod
    def create_id(cls, name: str) -> UUID:
        """A name means one key for ever."""
        return cls.derive_id(name)

    @property
    def actor(self) -> str:
        """Who is said to have done what is done with this key."""
        return self.person or self.name

    def opens(self, now: datetime) -> bool:
        """Whether it lets anyone in at this instant."""
        return self.status == Status.ACTIVE and not self.expired(now)

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def rotate(self, digest: str, now: datetime) -> None:
        """Another secret from now on, the old one lets nobody in. Refused with WrongStatus, or Expired."""
        self._require(Status.ACTIVE)
        if self.expired(now):
            raise Expired(f"key {self.id} expired at {self.expires_at}", field="expires_at")
        self._rotated(digest=digest)

    def revoke(self) -> None:
        """Let nobody in any more. Refused with WrongStatus if it already is."""
        self._require(Status.ACTIVE)
        self._revoked()

    @event("Rotated")
    def _rotated(self, digest: str) -> None:
        self.digest = digest

    @event("Revoked")
    def _revoked(self) -> None:
        self.status = Status.REVOKED
