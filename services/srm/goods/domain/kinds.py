"""Kinds of records of SCM that documents may name."""

ITEM, WAREHOUSE = "item", "warehouse"
