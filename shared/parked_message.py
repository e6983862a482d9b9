"""Parked messages (dead letters): messages whose policies failed."""

from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, allowed_in, event


class Status(StrEnum):
    """The state of a parked message."""

    PARKED = "parked"
    APPLIED = "applied"
    DISCARDED = "discarded"


class ParkedMessage(Aggregate):
    """A message set aside as its policy failed, or behind an earlier one: parked → applied or discarded."""

    @classmethod
    def create_id(cls, message_id: str) -> UUID:
        return cls.derive_id(message_id)

    @event("Parked")
    def __init__(self, message_id: str, error: str) -> None:
        self.message_id = message_id
        self.status = Status.PARKED

    @allowed_in(Status.PARKED)
    def mark_applied(self) -> None:
        self._applied()

    @allowed_in(Status.PARKED)
    def discard(self, reason: str) -> None:
        """Discard the message: it is never applied. A user decides this and gives the reason."""
        self._discarded(reason=reason)

    @event("Applied")
    def _applied(self) -> None:
        self.status = Status.APPLIED

    @event("Discarded")
    def _discarded(self, reason: str) -> None:
        self.status = Status.DISCARDED
