"""Declaration of master data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import new_class
from typing import Any

from shared.domain import MasterRecord
from shared.domain.errors import class_words
from shared.fields import declared_fields
from shared.master_data.commands import MasterCommands
from shared.master_data.projection import MasterProjection, projection_of
from shared.master_data.resource import RequestedFields, resource_of
from shared.web import Resource
from shared.web.resource import OWN_PATHS


@dataclass(frozen=True)
class MasterData:
    """One kind of master data: its records, commands, projection and resource."""

    name: str
    record_class: type[MasterRecord[Any]]
    commands: type[MasterCommands[Any]]
    projection: type[MasterProjection]
    resource: Resource


def master(
    entry: type[Any],
    *,
    path: str,
    unique: str | None = "code",
    search: Sequence[str] = (),
    fixed: Sequence[str] = (),
    commands: type[MasterCommands[Any]] = MasterCommands,
    request: type[Any] | None = None,
    change_request: type[Any] | None = None,
    projection: type[MasterProjection] | None = None,
    without: Sequence[str] = (),
    addressed_by_key: bool = False,
    write: str = "write",
) -> MasterData:
    """Declare master data by the dataclass of its entries, or by the class of its records if these have rules.

    `unique` names the field that identifies a record for people; it and the `fixed` fields cannot be changed.
    No other record may have the same value in other case or with other accents. Records `addressed_by_key` have it in
    their paths, so that it cannot be that of another path, such as `batch`.
    `request` is the dataclass of requests, if it is not that of the entries: where personal fields are encrypted; then
    `change_request` is that of requests to change a record, without the fixed fields, each of which may be left out.
    `projection` is declared by hand, with what it searches, if rows do not show exactly the entry.
    `without` names commands that are declared by hand or missing: `register`, `revise`, `deactivate`, `reactivate`.
    `write` is the verb of the permission that its commands need.
    """
    is_record = issubclass(entry, MasterRecord)
    key = entry.KEY_FIELD if is_record else unique
    fields: type[Any] = entry.ENTRY_CLASS if is_record else entry
    _require_fields(fields, unique=filter(None, [key]), search=search, fixed=fixed)
    record_class = entry if is_record else _record_class(entry, unique)
    name = path.replace("-", "_")
    projection = projection or projection_of(
        record_class, name, search=tuple(search), is_addressed_by_key=addressed_by_key
    )
    reserved = OWN_PATHS if projection.is_addressed_by_key else ()
    members = {"record_class": record_class, "reserved_keys": reserved, "__doc__": commands.__doc__}
    own_commands = type(commands.__name__, (commands,), members)
    fixed = tuple(filter(None, (record_class.KEY_FIELD, *fixed)))
    requested = RequestedFields(
        request or record_class.ENTRY_CLASS, change_request, frozenset(fixed), frozenset(without)
    )
    resource = resource_of(Resource(path, projection, write=write), projection, own_commands, requested)
    return MasterData(name, record_class, own_commands, projection, resource)


def _require_fields(entry: type, **options: Iterable[str]) -> None:
    """Raise TypeError for an option that names a field the entry does not have."""
    known = [each.name for each in declared_fields(entry)]
    for option, names in options.items():
        for unknown in sorted({*names}.difference(known)):
            detail = f"`{option}` names the unknown field '{unknown}'. Fields: {', '.join(known)}."
            raise TypeError(f"master data of {entry.__qualname__}: {detail}")


def _record_class(entry: type[Any], key: str | None) -> type[MasterRecord[Any]]:
    """Return the class of records with these entries: `Carrier` for `CarrierEntry`."""
    name = entry.__name__.removesuffix("Entry")
    members = {"__module__": entry.__module__, "__doc__": f"A {class_words(name)}: an entry of master data."}
    bases = (MasterRecord[entry],)  # type: ignore[valid-type]  # a class made at run time
    return new_class(name, bases, {"key": key}, lambda body: body.update(members))
