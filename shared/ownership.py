"""Ownership of records: the one rule that limits callers to their own records.

`owned_by` of a resource projection names the owner of its rows and of the aggregates behind them. The owner is read
from the stored aggregate, never from the request; an aggregate without a rule or an owner belongs to no one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.domain import Aggregate
from shared.projections import Projection, ResourceProjection

Load = Callable[[type[Any], Any], Any]
"""Return the aggregate of a class with an id, or None."""


class OwnerRules:
    """Rules of ownership, from the projections of a service: which field of an aggregate names its owner."""

    def __init__(self, projections: Sequence[type[Projection]] = ()) -> None:
        resources = [each for each in projections if issubclass(each, ResourceProjection)]
        self._rules = {each.aggregate_class: each.owned_by for each in reversed(resources)}

    def owner_of(self, aggregate: Aggregate, load: Load) -> str | None:
        """Return the name of the aggregate's owner, or of the owner of the aggregate it belongs to, or None."""
        return _owner_by(self._rules.get(type(aggregate)), aggregate, load)


def _owner_by(rule: Any, aggregate: Aggregate, load: Load) -> str | None:
    match rule:
        case str(name):
            owner: str | None = getattr(aggregate, name)
            return owner
        case (name, projection):
            parent = load(projection.aggregate_class, getattr(aggregate, name))
            return None if parent is None else _owner_by(projection.owned_by, parent, load)
    return None


def owner_of_row(projection: type[ResourceProjection], row: Mapping[str, Any], load: Load) -> str | None:
    """Return the name of the owner of a row, or of the record it belongs to, or None."""
    match projection.owned_by:
        case str(column):
            owner: str | None = row[column]
            return owner
        case (column, parents):
            parent = load(parents.aggregate_class, UUID(row[column]))
            return None if parent is None else _owner_by(parents.owned_by, parent, load)
    return None
