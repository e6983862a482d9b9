"""The settings of a firm for one service: each has an initial value, each change is an event."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, event


class FirmSettings(Aggregate):
    """The changed settings by name, as plain JSON values; all others keep their initial values."""

    IS_SHARED = True

    @classmethod
    def create_id(cls) -> UUID:
        return cls.derive_id()

    @event("Started")
    def __init__(self) -> None:
        self.decided: dict[str, Any] = {}

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings from now on. Records no event if there are no changes."""
        if changes:
            self._changed(changes=dict(changes))

    @event("Changed")
    def _changed(self, changes: dict[str, Any]) -> None:
        self.decided = self.decided | changes
