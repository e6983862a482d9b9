"""The policies of a service (reactions to events) and the events it publishes."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from shared.contracts import PublishedEvent
from shared.domain import Aggregate, UnitOfWork

Policy = Callable[[Any, UnitOfWork], Iterable[Aggregate]]
EventMapping = Callable[[Any, Any], PublishedEvent | None]
R = TypeVar("R", bound=Policy)
S = TypeVar("S", bound=EventMapping)


class Policies:
    """Registry of policies by the published event they react to, in the order of their registration."""

    def __init__(self) -> None:
        self.by_contract: dict[type[PublishedEvent], list[Policy]] = {}

    def when(self, contract: type[PublishedEvent]) -> Callable[[R], R]:
        """Register a policy: `@policies.when(crm.SalesOrderPlaced)` on `(event, uow) -> changed aggregates`."""

        def register(policy: R) -> R:
            self.by_contract.setdefault(contract, []).append(policy)
            return policy

        return register

    @classmethod
    def join(cls, parts: Iterable["Policies"]) -> "Policies":
        """Return the policies of several modules; those of one event run in the order of the modules."""
        joined = cls()
        for contract, policies in (each for part in parts for each in part.by_contract.items()):
            joined.by_contract.setdefault(contract, []).extend(policies)
        return joined

    def wire_types_by_source(self) -> dict[str, frozenset[str]]:
        """Return the services whose events are consumed, each with the wire types of these events."""
        types: dict[str, set[str]] = {}
        for contract in self.by_contract:
            types.setdefault(contract.source(), set()).add(contract.wire_type())
        return {source: frozenset(wire_types) for source, wire_types in types.items()}


class PublishedEventMappings:
    """Registry of the stored events that are published, each with the mapping to its contract."""

    def __init__(self) -> None:
        self.mappings: dict[type, EventMapping] = {}

    def after(self, *events: type) -> Callable[[S], S]:
        """Register a mapping: `@published.after(SalesOrder.Placed)` on `(event, aggregate) -> contract or None`."""

        def register(mapping: S) -> S:
            for each in events:
                if each in self.mappings:
                    raise TypeError(f"{each.__qualname__} is published twice")
                self.mappings[each] = mapping
            return mapping

        return register

    @classmethod
    def join(cls, parts: Iterable["PublishedEventMappings"]) -> "PublishedEventMappings":
        """Return the mappings of several modules. Raises TypeError if an event is published twice."""
        joined = cls()
        for event, mapping in (each for part in parts for each in part.mappings.items()):
            joined.after(event)(mapping)
        return joined
