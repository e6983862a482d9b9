"""A fault that is planted into the code that serves the resources, and the ways to break a function."""

from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import marshmallow
import pytest

from shared.command_runner import CommandRunner
from shared.domain import AlreadyTaken
from shared.projections import RowReader
from shared.store import unique_key
from shared.web import ProblemError, Schema, current_service
from tests.unit.resources.depot import BinEntry, Kind

Check = Callable[..., None]
Break = Callable[[Any], Any]

BINS, JOBS = "depot.bins", "depot.jobs"


@dataclass(frozen=True)
class Fault:
    """A fault: what it does, the check that finds it, and the function of the product that it replaces."""

    title: str
    check: Check
    place: Any
    name: str
    breaks: Break
    """Return the broken function for the sound one."""
    resource: str = BINS

    def __str__(self) -> str:
        return self.title

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(self.place, self.name, self.breaks(getattr(self.place, self.name)))


def returns(value: Any) -> Break:
    """Break a function so that it always returns this value."""
    return lambda _: lambda *_args, **_named: value


def changes_result(change: Callable[[Any], Any]) -> Break:
    """Break a function so that its result is changed."""
    return lambda sound: lambda *args, **named: change(sound(*args, **named))


def drop_unknown_fields(sound: Any) -> Any:
    """Break a schema so that it ignores unknown fields."""

    def load(self: Schema, data: Any, **kwargs: Any) -> Any:
        known = {name: each for name, each in data.items() if name in self.load_fields} if type(data) is dict else data
        return sound(self, known, **kwargs)

    return load


def take_code_of_refused_request(sound: Any) -> Any:
    """Break a schema so that a refused request registers a bin."""

    def parse(self: Schema, document: Any) -> Any:
        try:
            return sound(self, document)
        except ProblemError:
            with suppress(AlreadyTaken):
                current_service().jobs.bins.register(BinEntry(code="A-100-0", name="refused", kind=Kind.SHELF))
            raise

    return parse


def ignore_unknown_columns(sound: Any) -> Any:
    """Break a filter so that it ignores unknown columns."""
    return lambda self, query, name, value: sound(self, query, name, value) if name in self.column_types else None


def sort_equal_rows_ascending(sound: Any) -> Any:
    """Break an order so that equal rows are always in ascending order of their ids."""
    return lambda self, sort: [*sound(self, sort)[:-1], ("id", False)]


def skip_first_row_after_cursor(sound: Any) -> Any:
    """Break a reader so that a page after a cursor leaves out its first row."""

    def list_rows(self: RowReader, *args: Any, after: Any = None, **named: Any) -> Any:
        return sound(self, *args, after=after, **named)[1 if after else 0 :]

    return list_rows


def read_stored_values_only(_: Any) -> Any:
    """Break a unit of work so that it ignores the unique values that it has reserved itself."""
    return lambda self, name, value: self.store.get_unique_value(unique_key(name, value))


def accept_missing_values(sound: Any) -> Any:
    """Break a field so that its value may be missing."""
    return lambda self, value: None if value is marshmallow.missing else sound(self, value)


def accept_null(sound: Any) -> Any:
    """Break a field so that its value may be null."""
    return lambda self, value, *args, **named: None if value is None else sound(self, value, *args, **named)


def commit_at_the_end(_: Any) -> Any:
    """Break a unit of work that only reads so that it stores the changes made in it."""

    @contextmanager
    def read_only(self: CommandRunner, caller: Any) -> Any:
        with self.exclusive_unit_of_work(self._context_of(caller)) as uow:
            yield
            uow.finish()

    return read_only


def add_line_to_template(sound: Any) -> Any:
    """Break a sheet without documents so that it has a row."""
    return lambda columns, documents: [*sound(columns, documents), *([] if documents else [["X"]])]
