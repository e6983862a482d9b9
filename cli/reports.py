"""Reports and lists of a suite by name, with titles and columns, as its API description declares them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cli.text_table import Column

DECLARED = ("x-sihe-report", "x-sihe-resource")
PREFIX = "/api/v1/"
NUMBER_TYPES = {"integer", "number"}
MONEY = "MoneyShown"

Doc = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """A report (`rows` with totals) or a list of records. `titles` has those of all members of its answer."""

    name: str
    path: str
    title: str
    rows: str | None
    columns: Mapping[str, Column]
    titles: Mapping[str, str]
    total_titles: Mapping[str, str]
    is_list: bool


def read_reports(document: Doc) -> dict[str, Report]:
    """Return all reports and lists of an API description by their names, those with a variable in the path excepted.

    A name is the last part of the path; with the service before it, as in `crm.settings`, where several have it.
    """
    found = [_report(document, path, method) for path, method in _declared(document["paths"])]
    short = [each.path.rpartition("/")[2] for each in found]
    named = {
        name if short.count(name) == 1 else each.path.replace("/", "."): each
        for name, each in zip(short, found, strict=True)
    }
    return {name: replace(named[name], name=name) for name in sorted(named)}


def _declared(paths: Doc) -> Iterator[tuple[str, Doc]]:
    for path, methods in paths.items():
        if "{" not in path and any(each in methods.get("get", {}) for each in DECLARED):
            yield path, methods["get"]


def _report(document: Doc, path: str, method: Doc) -> Report:
    is_list = DECLARED[1] in method
    declared = method[DECLARED[1] if is_list else DECLARED[0]]
    members = _members(document, method["responses"]["200"]["content"]["application/json"]["schema"])
    rows = "data" if is_list else declared.get("rows")
    row = _row(document, declared, members[rows]) if rows else {}
    return Report(
        name="",
        path=path.removeprefix(PREFIX),
        title=declared["title"]["en"],
        rows=rows,
        columns={name: _column(name, row.get(name, {})) for name in _column_names(declared)},
        titles=_titles(members),
        total_titles=_titles(_members(document, members.get("totals", {}))),
        is_list=is_list,
    )


def _row(document: Doc, declared: Doc, rows: Doc) -> Doc:
    """Return the members of a row: of the component that a list names, or of the items of a report."""
    return _members(
        document, document["components"]["schemas"][declared["row"]] if "row" in declared else rows["items"]
    )


def _column_names(declared: Doc) -> Iterable[str]:
    return [each if isinstance(each, str) else each["name"] for each in declared.get("columns", ())]


def _members(document: Doc, schema: Doc) -> Doc:
    members: Doc = _resolved(document, schema).get("properties", {})
    return members


def _resolved(document: Doc, schema: Doc) -> Doc:
    """Return a schema, or the component that it refers to."""
    if "$ref" not in schema:
        return schema
    component: Doc = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return component


def _titles(members: Doc) -> dict[str, str]:
    return {name: schema.get("title", name) for name, schema in members.items()}


def _column(name: str, schema: Doc) -> Column:
    return Column(schema.get("title", name), is_number=_is_number(schema))


def _is_number(schema: Doc) -> bool:
    """Return whether the values are numbers: whole ones, amounts of money, or texts of decimal numbers."""
    types = schema.get("type", ())
    pattern = schema.get("pattern")
    references = [schema.get("$ref", ""), *(each.get("$ref", "") for each in schema.get("anyOf", ()))]
    return (
        not NUMBER_TYPES.isdisjoint([types] if isinstance(types, str) else types)
        or any(each.endswith(MONEY) for each in references)
        or (pattern is not None and all(re.fullmatch(pattern, each) for each in ("0", "12.5")))
    )
