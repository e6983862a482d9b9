"""The settings of a legal entity for one service: each has a default, each change is an event."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from shared.codec import decode, encode
from shared.domain import MAIN_ENTITY, Aggregate, PerEntity, ServiceSettings, event

K = TypeVar("K", bound=ServiceSettings)


class FirmSettings(PerEntity, Aggregate):
    """The settings that the firm changed, an aggregate: by name, in plain JSON; others keep their initial values."""

    @event("Started")
    def __init__(self, entity: str = MAIN_ENTITY) -> None:
        self.entity, self.changed_values = entity, dict[str, Any]()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings from now on. Records no event if there are no changes."""
        if changes:
            self._changed(changes=dict(changes))

    @event("Changed")
    def _changed(self, changes: dict[str, Any]) -> None:
        self.changed_values = self.changed_values | changes


def effective_settings(settings_class: type[K], changed: FirmSettings | None) -> K:
    """Return the current settings: as the firm changed them, else the defaults of the class."""
    if changed is None:
        return settings_class()
    known, given = {each.name for each in fields(settings_class)}, changed.changed_values
    effective = decode(encode({name: each for name, each in given.items() if name in known}), settings_class)
    return replace(effective)  # decoding leaves defaults on the class; a copy has them all
