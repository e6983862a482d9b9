"""Whether copies of several event stores fit together: none may have consumed what another one does not have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sqlite3 import Connection


@dataclass(frozen=True)
class Consumed:
    """Up to where a service has consumed a source."""

    epoch: str
    position: int


@dataclass(frozen=True)
class StoreState:
    """One event store at one moment: its epoch, its newest event, and what it has consumed of each source."""

    epoch: str
    head: int
    inbox: dict[str, Consumed]


def read_state(database: Connection) -> StoreState:
    """Return the state of an event store, as a transaction on it shows it."""
    [(epoch, head)] = database.execute(
        "SELECT epoch, (SELECT coalesce(max(position), 0) FROM events) FROM store_identity"
    )
    inbox = database.execute("SELECT source, epoch, position FROM inbox_positions ORDER BY source")
    return StoreState(epoch, head, {source: Consumed(*position) for source, *position in inbox})


def contradictions(states: Mapping[str, StoreState]) -> Iterator[str]:
    """Yield a text for each inbox position that is beyond the log of its source (the cut rule)."""
    for service, state in states.items():
        for name, consumed in state.inbox.items():
            source = states[name]
            if consumed.epoch != source.epoch:
                yield f"{service} has consumed epoch {consumed.epoch} of {name}, which has epoch {source.epoch}"
            elif consumed.position > source.head:
                yield f"{service} has consumed {name} up to {consumed.position}, which ends with {source.head}"
