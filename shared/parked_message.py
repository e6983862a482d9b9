"""Parked messages (dead letters): messages whose policies failed."""

from uuid import UUID

from shared.domain import Aggregate, event


class ParkedMessage(Aggregate):
    """A message set aside as its policy failed, or behind an earlier one: parked → applied or discarded."""

    @classmethod
    def create_id(cls, message_id: str) -> UUID:
        return cls.derive_id(message_id)

    @event("Parked")
    def __init__(self, message_id: str, error: str) -> None:
        self.message_id = message_id
        self.status = "parked"

    def mark_applied(self) -> None:
        self._require("parked")
        self._applied()

    def discard(self, reason: str) -> None:
        """Discard the message: it is never applied. A user decides this and gives the reason."""
        self._require("parked")
        self._discarded(reason=reason)

    @event("Applied")
    def _applied(self) -> None:
        self.status = "applied"

    @event("Discarded")
    def _discarded(self, reason: str) -> None:
        self.status = "discarded"
