"""The settings of a firm for one service: each has an initial value, each change is an event."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar
from uuid import UUID

from shared.codec import decode, encode, to_plain
from shared.domain import Aggregate, ServiceSettings, event

K = TypeVar("K", bound=ServiceSettings)


class FirmSettings(Aggregate):
    """The settings that the firm changed, an aggregate: by name, in plain JSON; others keep their initial values."""

    IS_SHARED = True

    @classmethod
    def create_id(cls) -> UUID:
        return cls.derive_id()

    @event("Started")
    def __init__(self) -> None:
        self.changed_values: dict[str, Any] = {}

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings from now on. Records no event if there are no changes."""
        if changes:
            self._changed(changes=dict(changes))

    @event("Changed")
    def _changed(self, changes: dict[str, Any]) -> None:
        self.changed_values = self.changed_values | changes


def effective_settings(settings_class: type[K], initial: Mapping[str, Any], firm: FirmSettings | None) -> K:
    """Return the current settings: as changed by the firm, else the initial ones, else the defaults of the class."""
    known = {each.name for each in fields(settings_class)}
    given = {**to_plain(dict(initial)), **(firm.changed_values if firm else {})}
    changed = decode(encode({name: each for name, each in given.items() if name in known}), settings_class)
    return replace(changed)  # decoding leaves defaults on the class; a copy has them all
