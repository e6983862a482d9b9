"""Unit: a unit of measure of items."""

from dataclasses import dataclass
from typing import Annotated

from shared.domain import MasterRecord, UnitOfMeasure, UnitOfWork
from shared.fields import Code, Kind, Text


@dataclass(frozen=True, kw_only=True)
class UnitEntry:
    """A unit of measure. Quantities of its items have up to `decimals` decimals."""

    code: Code
    name: Text
    decimals: Annotated[int, Kind("whole_number", {"max": 6})] = 0


class Unit(MasterRecord[UnitEntry], key="code"):
    """A unit: an entry of master data. Items name it by its code."""

    @classmethod
    def get_measure_or_none(cls, uow: UnitOfWork, code: str) -> UnitOfMeasure | None:
        """Return the unit with this code, in any spelling; none for a text that is no code of a registered unit."""
        unit = cls.get_by_key_or_none(uow, code)
        return UnitOfMeasure(unit.key, unit.entry.decimals) if unit else None
