"""Suspension of a store or of some of its records: nothing is read or decided of them until it ends."""

from collections.abc import Collection, Mapping
from time import monotonic
from types import MappingProxyType
from uuid import UUID

from shared.store import StoreError
from shared.store.integrity import WHOLE_STORE, IntegrityFailure
from shared.store.store_tables import StoreTables

SUSPENDED_CACHE_SECONDS = 1.0
NOT_COMPARED = UUID(int=2**128 - 1)
"""Stands for the whole store, until it has been compared with the checkpoints that other services hold of it."""


class StoreNotCompared(StoreError):
    """Raised while it is not known whether this store replaced another one of the service, which was lost."""


class SuspendableStore(StoreTables):
    """A store that refuses the records of which a check found that they were changed, or all of them."""

    _suspended: Mapping[UUID, str] = MappingProxyType({})
    _suspended_until = 0.0

    def require_not_suspended(self, aggregate: UUID = WHOLE_STORE) -> None:
        """Raises IntegrityFailure once a check has found a change of the aggregate or that events are missing.

        Raises StoreNotCompared before the store has been compared.
        """
        if suspended := self._recently_suspended():
            _refuse(suspended, aggregate)

    def _recently_suspended(self) -> Mapping[UUID, str]:
        """Return what is suspended, cached for a second; the end of a comparison, which soon comes, is seen at once."""
        now = monotonic()
        if now >= self._suspended_until or (self._suspended and NOT_COMPARED in self._suspended):
            self._suspended = self._read_suspended()
            self._suspended_until = now + SUSPENDED_CACHE_SECONDS
        return self._suspended

    def _read_suspended(self) -> dict[UUID, str]:
        rows = self._fetch_all("SELECT aggregate, reason FROM suspended_aggregates")
        return {self._decode_id(id_): reason for id_, reason in rows}

    def suspend(self, reasons: Mapping[UUID, str], *, only: bool = False) -> None:
        """Suspend aggregates until an operator decides; with `only` no others, since all others were found genuine."""
        suspended = self._read_suspended()
        self._change_suspended(
            {id_: reason for id_, reason in reasons.items() if id_ not in suspended},
            suspended.keys() - reasons.keys() - {NOT_COMPARED} if only else (),
        )

    # -- the comparison of a store that cannot prove itself

    @property
    def suspension(self) -> str | None:
        """Why the whole store is suspended, if it is."""
        return self._recently_suspended().get(WHOLE_STORE)

    @property
    def not_compared(self) -> str | None:
        """Why the store has to be compared before it is used; none if it has been, or proved itself."""
        return self._recently_suspended().get(NOT_COMPARED)

    def await_comparison(self, reason: str) -> None:
        """Refuse all until the store has been compared with the checkpoints that other services hold of it."""
        if not self.not_compared:
            self._change_suspended({NOT_COMPARED: reason}, ())

    def end_comparison(self) -> None:
        """Take the store into use: it has been compared."""
        self._change_suspended({}, (NOT_COMPARED,))

    def _change_suspended(self, added: Mapping[UUID, str], ended: Collection[UUID]) -> None:
        insert = "INSERT INTO suspended_aggregates VALUES (?,?) ON CONFLICT DO NOTHING"
        delete = "DELETE FROM suspended_aggregates WHERE aggregate=?"
        if added or ended:
            self.write_all([*((delete, (each,)) for each in ended), *((insert, row) for row in added.items())])
            self._suspended_until = 0.0


def _refuse(suspended: Mapping[UUID, str], aggregate: UUID) -> None:
    for each in (aggregate, WHOLE_STORE):
        if reason := suspended.get(each):
            raise IntegrityFailure(reason, each)
    if reason := suspended.get(NOT_COMPARED):
        raise StoreNotCompared(reason)
