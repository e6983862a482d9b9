"""Aggregates of which every legal entity has one."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from shared.domain.firm import MAIN_ENTITY, entity_parts


class PerEntity:
    """Mark of aggregates of which every legal entity has one: `class FirmSettings(PerEntity, Aggregate)`."""

    IS_SHARED: ClassVar[bool] = True

    @classmethod
    def create_id(cls, entity: str = MAIN_ENTITY) -> UUID:
        """Return the id of the aggregate of this legal entity."""
        return cls.derive_id(*entity_parts(entity))

    if TYPE_CHECKING:

        @classmethod
        def derive_id(cls, *parts: Hashable) -> UUID: ...
