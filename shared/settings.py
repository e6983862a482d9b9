"""What a firm decides about one service: each value has a start, each change is an event."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, event, value


@value
class Settings:
    """What every service has; each adds its own, with the start of each."""

    firm: str | None = None
    base_currency: str = "USD"
    time_zone: str = "UTC"


class FirmSettings(Aggregate):
    """What the firm has decided, by name, as JSON has it; the rest is as it was at the start."""

    SHARED = True

    @classmethod
    def create_id(cls) -> UUID:
        return cls.derive_id()

    @event("Started")
    def __init__(self) -> None:
        self.decided: dict[str, Any] = {}

    def decide(self, changes: Mapping[str, Any]) -> None:
        """From now on. Nothing happens where nothing changes."""
        if changes:
            self._changed(changes=dict(changes))

    @event("Changed")
    def _changed(self, changes: dict[str, Any]) -> None:
        self.decided = self.decided | changes
