"""Commands on master data."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from shared.commands import Commands
from shared.domain import InvalidInput, MasterRecord, NotFound, fold_text

R = TypeVar("R", bound=MasterRecord[Any])


class MasterCommands(Commands, Generic[R]):
    """Commands on the records of one kind of master data. A subclass adds rules: to `check`, or to a command."""

    record_class: ClassVar[type[Any]]
    reserved_keys: ClassVar[Collection[str]] = ()
    """Keys that no record may have, in any spelling: the address of such a record would be that of something else."""

    def get(self, key: str) -> R:
        """Return the record with this key or this id. Raises NotFound."""
        record: R | None = self.record_class.get_by_key_or_none(self.uow, key) or self._get_by_id_or_none(key)
        if record is None:
            raise NotFound(self.record_class, key)
        return record

    def _get_by_id_or_none(self, text: str) -> R | None:
        """Return the record with this id: the address of one whose key cannot stand in a path."""
        with suppress(ValueError):
            record: R | None = self.uow.get_or_none(self.record_class, UUID(text))
            return record
        return None

    def register(self, entry: Any) -> R:
        """Register a record. Raises AlreadyTaken for a key in use, InvalidInput if reserved, and errors of `check`."""
        self.check(entry)
        return self._add(self.record_class(entry=entry))

    def _add(self, record: R) -> R:
        """Save a new record under its key. Raises AlreadyTaken, InvalidInput for a reserved one."""
        if record.KEY_FIELD:
            self._require_not_reserved(record)
            self.uow.reserve_unique(record.KEY_NAMESPACE, record.key, record.id)
        return self.uow.save(record)

    def _require_not_reserved(self, record: R) -> None:
        if fold_text(record.key) in self.reserved_keys:
            raise InvalidInput(f"{record.KEY_FIELD} {record.key} is reserved; choose another", field=record.KEY_FIELD)

    def revise(self, record_id: UUID, changes: Any) -> R:
        """Change the given fields of a record: `Changes` of its entry. Raises NotFound, and the errors of `check`."""
        record: R = self.uow.get(self.record_class, record_id)
        entry = changes.apply_to(record.entry)
        self.check(entry)
        record.revise(entry)
        return self.uow.save(record)

    def deactivate(self, record_id: UUID) -> R:
        """Let nothing new refer to the record."""
        record: R = self.uow.get(self.record_class, record_id)
        record.deactivate()
        return self.uow.save(record)

    def reactivate(self, record_id: UUID) -> R:
        """Let new records refer to it again."""
        record: R = self.uow.get(self.record_class, record_id)
        record.reactivate()
        return self.uow.save(record)

    def check(self, entry: Any) -> None:
        """Refuse an entry that breaks a rule; overridden where there is one."""
