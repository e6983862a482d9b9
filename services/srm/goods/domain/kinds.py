"""Kinds of records of SCM that documents may name."""

from shared.domain import RecordKind
from shared.fields import Lookup

ITEM, WAREHOUSE = RecordKind("item", source="scm"), RecordKind("warehouse", source="scm")
UNIT = RecordKind("unit", source="scm")
ITEM_BY_SKU = Lookup("scm.items", "sku")
"""Marks the fields that name an item."""
