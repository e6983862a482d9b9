"""Comparison of a log with signed checkpoints: a store that replaced a lost one must not be used in its place."""

from collections.abc import Callable

from shared.chain.checkpoint import Checkpoint
from shared.chain.checkpoint_store import CheckpointStore
from shared.store.event_store import EventStore
from shared.store.integrity import WHOLE_STORE

ADVICE = "Stop the suite and restore all services from one backup (docs/operations.md, Restore)."
NOT_COMPARED = (
    "The event store of {service} has no signed checkpoint of its own: it is new, or it lost what it had. It is used "
    "as soon as the other services have confirmed that they hold no checkpoint of another one: start them. "
    "Was there data of {service}? {advice}"
)


class LogComparison:
    """Whether a log is the one of which checkpoints were signed, by the service itself or as others hold them.

    The last own checkpoint proves a store. One without is not used before the other services were asked.
    """

    def __init__(self, store: EventStore, checkpoints: CheckpointStore, hash_at: Callable[[int], bytes]) -> None:
        self._store, self._checkpoints, self._hash_at = store, checkpoints, hash_at

    def contradiction(self, held: Checkpoint) -> str | None:
        """Return why this cannot be the log of a signed checkpoint; None if it is, as far as it is chained."""
        service, signed = self._store.service, f"{held.position} events were signed on {held.at}"
        if held.epoch != self._store.epoch:
            return f"{service} has another event store than the one of which {signed}. {ADVICE}"
        if held.position > (head := self._store.head()):
            return f"the event store of {service} has {head} events, but {signed}. {ADVICE}"
        if (known := self._hash_at(held.position)) and known.hex() != held.head:
            return f"the event store of {service} does not begin with what was signed: {signed}. {ADVICE}"
        return None

    def own_contradiction(self) -> str | None:
        """Return why this cannot be the log of which the last own checkpoint was signed."""
        newest = self._checkpoints.newest(self._store.service)
        return self.contradiction(newest) if newest else None

    def check_own(self) -> None:
        """Suspend a store that is not the one of which the last own checkpoint was signed."""
        if contradiction := self.own_contradiction():
            self._store.suspend({WHOLE_STORE: contradiction})

    def await_others(self) -> None:
        """Let a store that no own checkpoint proves, or that is suspended, wait for what the other services hold."""
        if self._checkpoints.newest(self._store.service) is None:
            self._store.await_comparison(NOT_COMPARED.format(service=self._store.service, advice=ADVICE))
        self.await_others_if_suspended()

    def await_others_if_suspended(self) -> None:
        """Let a suspended store wait: what led to it may be known to the other services only."""
        if reason := self._store.suspension:
            self._store.await_comparison(reason)

    @property
    def is_contradicted(self) -> bool:
        """Whether it was found that this is not the service's store."""
        return self._store.suspension is not None

    @property
    def pending(self) -> str | None:
        """Why the store is not used yet; none once it has been compared."""
        return self._store.not_compared

    def end(self) -> None:
        """Use the store: what other services hold does not contradict it."""
        self._store.end_comparison()
