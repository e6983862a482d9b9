"""The two lists a service keeps: what it does when others speak, and what it says itself."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from shared.contracts import Contract
from shared.domain import Aggregate, Find

Reaction = Callable[[Any, Find], Iterable[Aggregate]]
Saying = Callable[[Any, Any], Contract | None]
R = TypeVar("R", bound=Reaction)
S = TypeVar("S", bound=Saying)


class Policies:
    """Reactions to other services' published events, several per event allowed, run in the order given."""

    def __init__(self) -> None:
        self.reactions: dict[type[Contract], list[Reaction]] = {}

    def when(self, heard: type[Contract]) -> Callable[[R], R]:
        """`@policies.when(crm.SalesOrderPlaced)` on `(event, find) -> changed aggregates`."""

        def register(reaction: R) -> R:
            self.reactions.setdefault(heard, []).append(reaction)
            return reaction

        return register

    def sources(self) -> dict[str, frozenset[str]]:
        """The services listened to, each with the wire types heard from it."""
        types: dict[str, set[str]] = {}
        for contract in self.reactions:
            types.setdefault(contract.source(), set()).add(contract.wire_type())
        return {source: frozenset(kinds) for source, kinds in types.items()}


class Published:
    """Which stored events others may hear, and in what words."""

    def __init__(self) -> None:
        self.sayings: dict[type, Saying] = {}

    def after(self, *stored: type) -> Callable[[S], S]:
        """`@published.after(SalesOrder.Placed)` on `(event, aggregate as it then stands) -> contract or None`."""

        def register(saying: S) -> S:
            for each in stored:
                if each in self.sayings:
                    raise TypeError(f"{each.__qualname__} is published twice")
                self.sayings[each] = saying
            return saying

        return register
