"""Whose a thing is: the one rule by which those who see only what is theirs are let near anything stored.

A collection says `owned_by` of its rows, and so of the aggregates behind them. A thing is judged as it is stored,
never by what somebody says of it; what has no rule, or no owner, is nobody's.
"""

from collections.abc import Iterable

from shared.domain import Aggregate, Find
from shared.report import Collection, Report
from shared.unit import Cause

Reports = Iterable[type[Report]]


def may_touch(cause: Cause, thing: Aggregate, reports: Reports, find: Find) -> bool:
    """Whether whoever gives the command may see and change this."""
    return not cause.only_own or owner_of(thing, reports, find) == cause.actor


def owner_of(thing: Aggregate, reports: Reports, find: Find) -> str | None:
    """Its owner's name; that of what it belongs to, where it has none of its own."""
    match next((each.owned_by for each in reports if issubclass(each, Collection) and each.of is type(thing)), None):
        case str(name):
            owner: str | None = getattr(thing, name)
            return owner
        case (name, collection):
            other = find.maybe(collection.of, getattr(thing, name))
            return None if other is None else owner_of(other, [collection], find)
    return None
