"""Commands of single records: their names, and those that a caller may send for a record now (`allowed_commands`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.codec import decode_untyped, encode
from shared.command_context import Caller
from shared.domain import state_table
from shared.ownership import owner_of_row
from shared.permissions import is_permitted
from shared.projections import ResourceProjection
from shared.web import fields
from shared.web.commands import CommandTarget
from shared.web.problems import current_request, invalid_value
from shared.web.replies import Reply, current_service, resource_reply
from shared.web.schema import Schema

ALLOWED_COMMANDS = "allowed_commands"
"""The member of a row, and the value of the parameter `show` that requests it."""

MAX_ROWS = 50

_RECORD = re.compile(r"/<[^>]+>")
_COMMAND = re.compile(r"/<[^>]+>/([a-z-]+)(?:/<[^>]+>)?")
_PART_COMMAND = re.compile(r"/<[^>]+>/[a-z-]+/<(?:uuid:)?(\w+)_id>/([a-z-]+)")

COLLECTION, ONE, PART = "collection", "one", "part"
"""What a command is on: a collection, one of its records, or a part of a record."""

Row = Mapping[str, Any]


SHOW_FIELD = fields.OneOf(ALLOWED_COMMANDS)


class ShowQuery(Schema):
    """Query of the records of a list: what to show in addition to their fields."""

    show = SHOW_FIELD


class RecordQuery(ShowQuery):
    """Query of a record: as known at an instant or position, or with what to show in addition to its fields."""

    known_at = fields.KnownAt()


@dataclass(frozen=True)
class RecordCommand:
    """A command of a record: its name in the API, the aggregate's method that it calls, its permission's verb."""

    name: str
    method: str
    verb: str


class CommandEffect(NamedTuple):
    """Whether a command cannot be taken back, the name of the one that takes it back, whether its form is filled."""

    danger: bool = False
    undo: str | None = None
    prefilled: bool = False


class RecordCommands:
    """The commands of the records of one resource; `module` is set when the app is built."""

    def __init__(self, rows: type[ResourceProjection] | None) -> None:
        self.rows = rows
        self.module = ""
        self.declared: list[RecordCommand] = []

    def declare(self, rule: str, view: Callable[..., Any], method: str | None, verb: str) -> None:
        """Add the command of a route, unless it creates a record or changes a part of one.

        It calls the method of its name, or `method`.
        """
        name, on = command_name(rule, view)
        if on == ONE:
            self.declared.append(RecordCommand(name, method or name.replace("-", "_"), verb))

    def allowed_for(self, row: Row) -> list[str]:
        """Return the names of the commands that have an effect on the record now, and that the caller may send."""
        assert self.rows is not None, "only records of a resource projection have commands"
        allows, state = state_table(self.rows.aggregate_class).allows, self.rows.state_of(row)
        excluded = self.rows.excluded_commands(row)
        prefix, patterns = f"{current_service().NAME}.{self.module}", tuple(self._patterns(row))
        return sorted(
            each.name
            for each in self.declared
            if allows(each.method, state)
            and each.method not in excluded
            and is_permitted(f"{prefix}:{each.verb}", patterns)
        )

    def _patterns(self, row: Row) -> Iterator[str]:
        """Yield the patterns of the caller's permissions that count for a record."""
        caller: Caller = current_request()[1].caller
        yield from caller.permissions
        if caller.own_permissions and self._is_own(row, caller):
            yield from caller.own_permissions

    def _is_own(self, row: Row, caller: Caller) -> bool:
        assert self.rows is not None
        load = current_service().runner.uow.load
        return caller.only_own or owner_of_row(self.rows, row, load) == caller.actor

    def with_allowed(self, row: Row) -> dict[str, Any]:
        """Return the row with its allowed commands."""
        return {**row, ALLOWED_COMMANDS: self.allowed_for(row)}

    def shown_by(self, view: Callable[..., Reply]) -> Callable[..., Reply]:
        """Return the view of one record with the parameters `show`, which adds the allowed commands, and `known_at`.

        Who may read the record now may read it as it was.
        """

        def show(query: dict[str, Any], **path: Any) -> Reply:
            require_present("show" in query, query.get("known_at"))
            reply = view(**path)
            if "known_at" in query:
                return self._as_known(decode_untyped(reply.body)["id"], query["known_at"])
            if "show" not in query:
                return reply
            return replace(reply, body=encode(self.with_allowed(decode_untyped(reply.body))))

        show.__name__, show.__doc__ = view.__name__, view.__doc__
        show.__dict__["accepts"] = RecordQuery
        return show

    def _as_known(self, id: str, known_at: datetime | int) -> Reply:
        """Return the record as it was; without an ETag, which would be one of now."""
        assert self.rows is not None
        record = current_service().get_resource_as_known(self.rows, UUID(id), known_at)
        return replace(resource_reply(self.rows, record), headers={})


class RecordTarget(CommandTarget):
    """The record at the address of a command, read again after the command was refused."""

    def __init__(self, commands: RecordCommands, read_verb: str) -> None:
        self._commands, self._read_verb = commands, read_verb

    def version_at(self, path: Mapping[str, Any]) -> int | None:
        caller: Caller = current_request()[1].caller
        permission = f"{current_service().NAME}.{self._commands.module}:{self._read_verb}"
        if not is_permitted(permission, (*caller.permissions, *caller.own_permissions)):
            return None
        with self._record_at(path) as record:
            return None if record is None else record.version

    def possible_at(self, path: Mapping[str, Any]) -> str:
        with self._record_at(path) as record:
            if record is None or self._commands.rows is None:
                return ""
            row = decode_untyped(encode({"id": record.id, **self._commands.rows.stored_row(record)}))
            allowed = self._commands.allowed_for(row)
        return f". Possible now: {', '.join(allowed)}." if allowed else ". No command is possible now."

    @contextmanager
    def _record_at(self, path: Mapping[str, Any]) -> Iterator[Any]:
        """Open a unit of work with the record, if there is one and the caller has access to it."""
        assert self._commands.rows is not None
        kind: Any = self._commands.rows.aggregate_class
        address = next(iter(path.values()))
        runner = current_service().runner
        with runner.read_only(current_request()[1].caller):
            by_key = getattr(kind, "get_by_key_or_none", None)
            yield (
                runner.uow.get_or_none(kind, address)
                if isinstance(address, UUID)
                else by_key and by_key(runner.uow, address)
            )


def command_name(rule: str, view: Callable[..., Any]) -> tuple[str, str]:
    """Return the name of the command of a route, and what it is on.

    The name is the last part of the path, or the verb of the view's name where the path is that of the record or of
    the collection; of a command on a part it also has the part: `erase_contact`.
    """
    if command := _PART_COMMAND.fullmatch(rule):
        return f"{command[2]}_{command[1]}", PART
    if command := _COMMAND.fullmatch(rule):
        return command[1], ONE
    on = ONE if is_record(rule) else COLLECTION
    return (view.__name__.partition("_")[0] if on == ONE or not rule else rule.rpartition("/")[2]), on


def is_record(rule: str) -> bool:
    """Return whether a rule is the path of a single record."""
    return _RECORD.fullmatch(rule) is not None


def require_few_rows(limit: int) -> None:
    """Raise ProblemError 422 for a page of more rows than allowed commands are determined for."""
    if limit > MAX_ROWS:
        raise invalid_value("/limit", "out_of_range", f"must be at most {MAX_ROWS} with show={ALLOWED_COMMANDS}")


def require_present(shows_commands: bool, known_at: datetime | int | None) -> None:
    """Raise ProblemError 422 for the allowed commands of past states: commands are sent now."""
    if shows_commands and known_at is not None:
        raise invalid_value("/show", "not_one_of", "must be omitted with known_at: past records have no commands")


def require_rows(is_grouped: bool) -> None:
    """Raise ProblemError 422 for groups: only records have commands."""
    if is_grouped:
        raise invalid_value("/show", "not_one_of", "must be omitted with group_by: groups of rows have no commands")
