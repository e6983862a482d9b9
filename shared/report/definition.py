"""What a report is: a fold of the service's own events into rows, kept up to date by the worker."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from eventsourcing.domain import Aggregate as LibraryAggregate

from shared.codec import digest, plainly
from shared.domain import Aggregate
from shared.report.sortable import kind_of

if TYPE_CHECKING:
    from shared.report.rows import Rows

F = TypeVar("F", bound=Callable[[Any, Any, "Rows"], None])

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")


def on(*happenings: type) -> Callable[[F], F]:
    """`@on(SalesOrder.Placed)` on `(self, event, rows)`: called for each of these, in the order of the log."""

    def register(fold: F) -> F:
        fold.happenings = happenings  # type: ignore[attr-defined]
        return fold

    return register


class Report:
    """A question the business asks, answered in rows: a key and a dict of plain values.

    `columns` can be filtered and sorted by, the fields in `search` are searched by word, and `shows`
    is what else a row has, for the documents: `{"reason": str, "lines": [{"sku": str}]}`. Raise `version`
    when the methods give other rows: they are then built anew beside the old ones.
    Methods keep nothing but rows and read nothing but the event and the rows.

    `owned_by` says whose a row is: the column with the owner's name, or the column with the id of something in a
    collection, and that collection: `("customer_id", Customers)`. Rows of which nothing is said are nobody's.

    With `history` every row is kept as it stood before each change, so that the report can be read as
    it was known at any position of the log: `Reader.at`.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    columns: ClassVar[Mapping[str, Any]] = {}
    search: ClassVar[tuple[str, ...]] = ()
    history: ClassVar[bool] = False
    shows: ClassVar[Mapping[str, Any]] = {}
    owned_by: "ClassVar[str | tuple[str, type[Collection]] | None]" = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        for each in (cls.name, *cls.columns):
            if not IDENTIFIER.fullmatch(each):
                raise TypeError(f"{cls.__qualname__}: {each!r} is no name for a report or a column")
        column, leads_to = cls.owned_by if isinstance(cls.owned_by, tuple) else (cls.owned_by, None)
        if column not in (None, *cls.columns) or (leads_to and not isinstance(leads_to.owned_by, str)):
            raise TypeError(f"{cls.__qualname__}: {cls.owned_by!r} does not lead to an owner")

    @classmethod
    @cache
    def kinds(cls) -> Mapping[str, type]:
        """The columns with the types that decide how they sort."""
        return {name: kind_of(annotation) for name, annotation in cls.columns.items()}

    @classmethod
    @cache
    def shape(cls) -> str:
        """Changes when what can be filtered, sorted or searched by changes, or whether the past is kept."""
        columns = [(name, kind.__name__) for name, kind in cls.kinds().items()]
        return digest([columns, cls.search, *(["history"] if cls.history else [])])[:12]

    @classmethod
    def folds(cls) -> dict[str, list[Callable[[Any, Any, "Rows"], None]]]:
        """The stored events it reads, each with the methods called for it."""
        found: dict[str, list[Callable[[Any, Any, Rows], None]]] = {}
        members = {name: member for kind in reversed(cls.__mro__) for name, member in vars(kind).items()}
        for member in members.values():
            for happening in getattr(member, "happenings", ()):
                found.setdefault(happening.TOPIC, []).append(member)
        return found

    @classmethod
    def reads(cls) -> tuple[str, ...]:
        """The stored names of the events it is made of."""
        return tuple(cls.folds())


class Collection(Report):
    """All aggregates of one class, a row each: the public shape of that resource."""

    of: ClassVar[type[Aggregate]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.history:
            raise TypeError(f"{cls.__qualname__}: an aggregate as it was is read from the log itself")

    @staticmethod
    def row(aggregate: Any) -> dict[str, Any]:
        """What the resource shows, beside its id, version and times."""
        raise NotImplementedError

    @classmethod
    def row_of(cls, aggregate: Any) -> dict[str, Any]:
        """The row as it is stored; its key is the id."""
        return {
            "version": aggregate.version,
            **cls.row(aggregate),
            "created_at": aggregate.created_on,
            "updated_at": aggregate.modified_on,
        }

    @classmethod
    def resource(cls, aggregate: Any) -> dict[str, Any]:
        """The resource as reading its row would give it."""
        resource: dict[str, Any] = plainly({"id": aggregate.id, **cls.row_of(aggregate)})
        return resource

    @classmethod
    def reads(cls) -> tuple[str, ...]:
        members = (member for member in vars(cls.of).values() if isinstance(member, type))
        return tuple(
            vars(member)["TOPIC"]
            for member in members
            if issubclass(member, LibraryAggregate.Event) and "TOPIC" in vars(member)
        )
