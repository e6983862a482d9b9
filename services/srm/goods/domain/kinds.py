"""Kinds of records of SCM that documents may name."""

from shared.domain import RecordKind

ITEM, WAREHOUSE = RecordKind("item", source="scm"), RecordKind("warehouse", source="scm")
UNIT = RecordKind("unit", source="scm")
