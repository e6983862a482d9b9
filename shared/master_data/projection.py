"""Projection of master data: a row for each record, with the fields of its entry."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from shared.domain import MasterRecord, RecordStatus
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.projections import ResourceProjection

_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class MasterProjection(ResourceProjection):
    """Base class of projections of master data."""

    aggregate_class: ClassVar[type[MasterRecord[Any]]]
    is_addressed_by_key: ClassVar[bool] = False

    @staticmethod
    def to_row(record: Any) -> dict[str, Any]:
        return {**row_of(record.entry), "active": record.is_active}

    @classmethod
    def state_of(cls, row: Mapping[str, Any]) -> str | None:
        return RecordStatus.of(row["active"])

    @classmethod
    def address_of(cls, record: MasterRecord[Any]) -> str:
        """Return the key if it can stand in a path as it is, otherwise the id."""
        is_plain = cls.is_addressed_by_key and _PLAIN_SEGMENT.fullmatch(record.key)
        return record.key if is_plain else str(record.id)


def projection_of(record_class: type[MasterRecord[Any]], name: str, **members: Any) -> type[MasterProjection]:
    """Return the projection of a class of records: single values are columns, other fields are shown."""
    entry = record_class.ENTRY_CLASS
    own = {
        "__doc__": f"All {name.replace('_', ' ')}.",
        "__module__": record_class.__module__,
        "name": name,
        "aggregate_class": record_class,
        "columns": {**columns_of(entry), "active": bool},
        "extra_fields": extra_fields_of(entry),
    }
    return type(_class_name(name), (MasterProjection,), {**own, **members})


def _class_name(name: str) -> str:
    return "".join(each.capitalize() for each in name.split("_"))
