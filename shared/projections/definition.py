"""Projection: derives rows from the service's own events, kept up to date by the worker."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from shared.codec import digest
from shared.domain import Aggregate
from shared.domain.event_classes import AGGREGATE_BY_EVENT
from shared.fields import DATA_SUBJECT, PERSONAL
from shared.fields.kinds import marks_of
from shared.projections.column_types import column_type_of
from shared.projections.row_table import ID_COLUMN, RowTableSql
from shared.projections.rows import Rows

Handler = Callable[[Any, Any, Rows], None]
H = TypeVar("H", bound=Handler)

STORED_FORM = 3
"""Number of the form in which columns are stored; another one lets every projection be rebuilt."""

RECORD_MEMBERS: Mapping[str, type] = {"version": int, "created_at": datetime, "updated_at": datetime}
"""Members that the rows of every resource have besides its id and its columns."""

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")


def on(*event_types: type) -> Callable[[H], H]:
    """Decorator of a projection's method `(self, event, rows)`: it handles these events: `@on(SalesOrder.Placed)`."""

    def register(method: H) -> H:
        method.projected_events = event_types  # type: ignore[attr-defined]  # kept on the function
        return method

    return register


class Projection:
    """Base class of projections: rows that answer a business question, each a key and a dict of plain values.

    Rows can be filtered and sorted by `columns` and searched by word in the `search` fields; `extra_fields`
    documents their other fields: `{"reason": str, "lines": [{"sku": str}]}`. Raise `version` when the
    methods produce different rows: they are then rebuilt next to the live ones.
    Methods keep no state except rows, and read only the event and the rows.

    `owned_by` is the column with the owner's name, or the column with the id of a record in another
    resource, and that resource: `("customer_id", Customers)`. A row without a value has no owner.

    Each column has an index, or, where `indexes` is set, each of these combinations of columns.

    With `has_history` every row is kept as it was before each change, so that the projection can be
    read as of any position of the log: `RowReader.as_of_position`.

    `by_day` is a projection with the same columns and the rows of each business day: `RowReader.on_day`. Its keys begin
    with the key of the row, and each row is that of the days from `since` until before `until`.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    columns: ClassVar[Mapping[str, Any]] = {}
    search: ClassVar[tuple[str, ...]] = ()
    indexes: ClassVar[Sequence[tuple[str, ...]] | None] = None
    has_history: ClassVar[bool] = False
    by_day: "ClassVar[type[Projection] | None]" = None
    extra_fields: ClassVar[Mapping[str, Any]] = {}
    owned_by: "ClassVar[str | tuple[str, type[ResourceProjection]] | None]" = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        for each in (cls.name, *cls.columns):
            if not IDENTIFIER.fullmatch(each):
                raise TypeError(f"{cls.__qualname__}: {each!r} is not a valid name for a projection or a column")
        if ID_COLUMN in {*cls.columns, *cls.extra_fields}:
            raise TypeError(f"{cls.__qualname__}: `{ID_COLUMN}` is the key of every row and cannot be a field of it")
        if cls.by_day and (cls.by_day.has_history, {*cls.columns} - {*cls.by_day.columns}) != (cls.has_history, set()):
            raise TypeError(f"{cls.__qualname__}: its rows by day need the same columns, and history as it has")
        column, owners = cls.owned_by if isinstance(cls.owned_by, tuple) else (cls.owned_by, None)
        if column not in (None, *cls.columns) or (owners and not isinstance(owners.owned_by, str)):
            raise TypeError(f"{cls.__qualname__}: {cls.owned_by!r} does not lead to an owner")

    @classmethod
    @cache
    def column_types(cls) -> Mapping[str, type]:
        """Return the columns with the types that decide how they are stored."""
        return {name: column_type_of(annotation) for name, annotation in cls.columns.items()}

    @classmethod
    def indexed_columns(cls) -> Sequence[tuple[str, ...]]:
        """Return the combinations of columns that have an index."""
        return [(each,) for each in cls.column_types()] if cls.indexes is None else cls.indexes

    @classmethod
    def row_shape(cls) -> Mapping[str, Any]:
        """Return the members of a row as readers get it, each with its shape, in their order."""
        return {ID_COLUMN: str, **cls.columns, **cls.extra_fields}

    @classmethod
    def has_flat_rows(cls) -> bool:
        """Return whether no member of a row is a list."""
        return not any(isinstance(shape, list) for shape in cls.row_shape().values())

    @classmethod
    @cache
    def columns_digest(cls) -> str:
        """Return a digest that changes with the columns, the search fields and `has_history`."""
        columns = [(name, kind.__name__) for name, kind in cls.column_types().items()]
        return digest([STORED_FORM, columns, cls.search, *(["history"] if cls.has_history else [])])[:12]

    @classmethod
    @cache
    def shows_persons(cls) -> bool:
        """Return whether rows have personal data, or name the person or firm that they are about."""
        return any(map(_is_of_person, (*cls.columns.values(), *cls.extra_fields.values())))

    @classmethod
    def row_table(cls, name: str) -> RowTableSql:
        return RowTableSql(name, cls.column_types(), cls.search, cls.has_history, cls.indexed_columns())

    @classmethod
    def event_handlers(cls) -> dict[str, list[Handler]]:
        """Return the methods to call for each stored event, by event name."""
        found: dict[str, list[Handler]] = {}
        members = {name: member for kind in reversed(cls.__mro__) for name, member in vars(kind).items()}
        for member in members.values():
            for event_type in getattr(member, "projected_events", ()):
                found.setdefault(event_type.TOPIC, []).append(member)
        return found

    @classmethod
    @cache
    def event_names(cls) -> tuple[str, ...]:
        """Return the stored names of the events it reads."""
        return tuple(cls.event_handlers())


def _is_of_person(shape: Any) -> bool:
    if isinstance(shape, list | Mapping):
        return any(map(_is_of_person, shape.values() if isinstance(shape, Mapping) else shape))
    return not {PERSONAL, DATA_SUBJECT}.isdisjoint(marks_of(shape))


class ResourceProjection(Projection):
    """Base class of projections with one row for each aggregate of a class: the public form of that resource.

    A single record as it was is replayed from the log; `has_history` is for lists of them that answer `known_at`.
    """

    aggregate_class: ClassVar[type[Aggregate]]

    @staticmethod
    def to_row(aggregate: Any) -> dict[str, Any]:
        """Return the fields of the resource, except its id, version and times."""
        raise NotImplementedError  # every resource has its own

    @classmethod
    @cache
    def column_types(cls) -> Mapping[str, type]:
        return {**super().column_types(), "created_at": datetime, "updated_at": datetime}

    @classmethod
    def row_shape(cls) -> Mapping[str, Any]:
        return {**super().row_shape(), ID_COLUMN: UUID, **RECORD_MEMBERS}

    @classmethod
    def indexed_columns(cls) -> Sequence[tuple[str, ...]]:
        """Return all columns but the time of creation, which is sorted by too rarely for an index."""
        return [each for each in super().indexed_columns() if each != ("created_at",)]

    @classmethod
    def state_of(cls, row: Mapping[str, Any]) -> str | None:
        """Return the state of a row's aggregate, by which commands are allowed."""
        return row.get("status")

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the commands that fail although the state allows them, by a rule on other fields of the row."""
        del row
        return ()

    @classmethod
    def address_of(cls, aggregate: Any) -> str:
        """Return the last part of the aggregate's address in the API."""
        return str(aggregate.id)

    @classmethod
    def stored_row(cls, aggregate: Any) -> dict[str, Any]:
        """Return the row as it is stored; its key is the id."""
        return {
            "version": aggregate.version,
            **cls.to_row(aggregate),
            "created_at": aggregate.created_on,
            "updated_at": aggregate.modified_on,
        }

    @classmethod
    @cache
    def event_names(cls) -> tuple[str, ...]:
        return tuple(each.TOPIC for each, owner in AGGREGATE_BY_EVENT.items() if owner is cls.aggregate_class)
