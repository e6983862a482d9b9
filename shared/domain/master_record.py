"""Master record: one entry of master data, such as a carrier: registered, revised, deactivated and reactivated."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, get_args
from uuid import UUID

from eventsourcing.domain import event

from shared.domain.aggregate import Aggregate
from shared.domain.errors import InvalidInput, class_words
from shared.domain.event_classes import copy_of_method
from shared.domain.state_table import effective_in

if TYPE_CHECKING:
    from shared.domain.unit_of_work import UnitOfWork

E = TypeVar("E")


class RecordStatus(StrEnum):
    """The state of a record of master data."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"

    @classmethod
    def of(cls, is_active: bool) -> "RecordStatus":
        return cls.ACTIVE if is_active else cls.DEACTIVATED


class MasterRecord(Aggregate, Generic[E], is_abstract=True):
    """Base class of master data: `class Carrier(MasterRecord[CarrierEntry], key="code")`.

    `key` is the field of the entry that identifies the record for people, if one does; it never changes. Each event
    carries the whole entry as it then stands. Deactivated records stay as they are, but nothing new may refer to them.
    A class of records with more state has events of its own, and may define a method of these four itself.
    """

    IS_SHARED = True
    KEY_FIELD: ClassVar[str | None]
    KEY_NAMESPACE: ClassVar[str]
    """Namespace in which a key identifies one record."""
    ENTRY_CLASS: ClassVar[type]

    def __init_subclass__(cls, *, key: str | None, **kwargs: Any) -> None:
        (cls.ENTRY_CLASS,) = get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]  # of a generic base
        cls.KEY_FIELD, cls.KEY_NAMESPACE = key, f"{class_words(cls.__name__).replace(' ', '_')}.{key}"
        for name, (event_name, apply) in _APPLY_METHODS.items():
            if name not in vars(cls):
                setattr(cls, name, event(event_name)(_typed(apply, cls, name)))
        super().__init_subclass__(**kwargs)

    def __init__(self, entry: E, id: UUID | None = None) -> None:
        self.entry, self.is_active = entry, True

    if TYPE_CHECKING:

        def _revised(self, entry: E) -> None: ...
        def _deactivated(self, entry: E) -> None: ...
        def _reactivated(self, entry: E) -> None: ...

    @property
    def key(self) -> str:
        """The value that identifies the record for people, such as its code; by default its id."""
        return str(getattr(self.entry, self.KEY_FIELD) if self.KEY_FIELD else self.id)

    @property
    def status(self) -> RecordStatus:
        return RecordStatus.of(self.is_active)

    def revise(self, entry: E) -> None:
        """Replace the entry. Records no event if it is the same."""
        if entry != self.entry:
            self._revised(entry=entry)

    @effective_in(RecordStatus.ACTIVE)
    def deactivate(self) -> None:
        """Let nothing new refer to the record from now on."""
        self._deactivated(entry=self.entry)

    @effective_in(RecordStatus.DEACTIVATED)
    def reactivate(self) -> None:
        """Let new records refer to it again."""
        self._reactivated(entry=self.entry)

    @classmethod
    def get_by_key_or_none(cls, uow: "UnitOfWork", key: str) -> Self | None:
        """Return the record with this key, of any owner, or None."""
        known = uow.get_unique_owner(cls.KEY_NAMESPACE, key)
        return None if known is None else uow.load(cls, known)

    @classmethod
    def require_active(cls, uow: "UnitOfWork", key: str, *, field: str) -> Self:
        """Return the active record with this key. Raises InvalidInput, naming `field`, if there is none."""
        record = cls.get_by_key(uow, key, field=field)
        record.require_is_active(field=field)
        return record

    @classmethod
    def get_by_key(cls, uow: "UnitOfWork", key: str, *, field: str) -> Self:
        """Return the record with this key. Raises InvalidInput, naming `field`, and the right spelling of the key."""
        record = cls.get_by_key_or_none(uow, key)
        if record is None:
            remedy = cls.remedy_for_unknown(uow, key)
            raise InvalidInput(f"unknown {class_words(cls.__name__)} {key}{remedy}", field=field)
        return record

    @classmethod
    def remedy_for_unknown(cls, uow: "UnitOfWork", key: str) -> str:
        """Return what to do about a key that no record has, to end a refusal: the right spelling, if there is one."""
        similar = uow.get_unique_value(cls.KEY_NAMESPACE, key)
        return f". Did you mean '{similar.value}'?" if similar else ": register it or choose another"

    def require_is_active(self, *, field: str) -> None:
        """Raise InvalidInput, naming the `field` that refers to the record, if it is deactivated."""
        if not self.is_active:
            words = class_words(type(self).__name__)
            raise InvalidInput(f"{words} {self.key} is deactivated: reactivate it or choose another", field=field)


def _apply_revised(self: Any, entry: Any) -> None:
    self.entry = entry


def _apply_deactivated(self: Any, entry: Any) -> None:
    self.entry, self.is_active = entry, False


def _apply_reactivated(self: Any, entry: Any) -> None:
    self.entry, self.is_active = entry, True


_APPLY_METHODS: dict[str, tuple[str, Callable[..., None]]] = {
    "__init__": ("Registered", MasterRecord.__init__),
    "_revised": ("Revised", _apply_revised),
    "_deactivated": ("Deactivated", _apply_deactivated),
    "_reactivated": ("Reactivated", _apply_reactivated),
}


def _typed(apply: Any, cls: type[MasterRecord[Any]], name: str) -> Callable[..., None]:
    """Return a copy of the method for one class, with the type of its entry, which decides how events are stored."""
    method = copy_of_method(apply, cls)
    method.__annotations__["entry"] = cls.ENTRY_CLASS
    method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
    return method  # type: ignore[no-any-return]  # a copied function has no static type
