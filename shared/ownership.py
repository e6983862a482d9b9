"""Ownership of records: the one rule that limits callers to their own records.

`owned_by` of a resource projection names the owner of its rows and of the aggregates behind them. The owner is read
from the stored aggregate, never from the request; an aggregate without a rule or an owner belongs to no one.
"""

from collections.abc import Iterable

from shared.domain import Aggregate, UnitOfWork
from shared.projections import Projection, ResourceProjection
from shared.unit_of_work import CommandContext

ProjectionClasses = Iterable[type[Projection]]


def has_access(context: CommandContext, aggregate: Aggregate, projections: ProjectionClasses, uow: UnitOfWork) -> bool:
    """Whether the actor of the command may read and change this aggregate."""
    return not context.only_own or owner_of(aggregate, projections, uow) == context.actor


def owner_of(aggregate: Aggregate, projections: ProjectionClasses, uow: UnitOfWork) -> str | None:
    """Return the name of the aggregate's owner, or of the owner of the aggregate it belongs to, or None."""
    match next(
        (
            each.owned_by
            for each in projections
            if issubclass(each, ResourceProjection) and each.aggregate_class is type(aggregate)
        ),
        None,
    ):
        case str(name):
            owner: str | None = getattr(aggregate, name)
            return owner
        case (name, projection):
            parent = uow.get_or_none(projection.aggregate_class, getattr(aggregate, name))
            return None if parent is None else owner_of(parent, [projection], uow)
    return None
