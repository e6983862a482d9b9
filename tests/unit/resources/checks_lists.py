"""Checks of lists: filters, order, pages and search."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import EnumType
from operator import ge, gt, le, lt
from typing import Any

from shared.money import Money, UnitPrice
from shared.projections.column_types import without_none
from shared.projections.row_summary import groupable_names
from shared.web.fields import Text
from shared.web.lists import ListEndpoint, operators_of
from tests.unit.resources.caller import ResourceCaller, Row
from tests.unit.resources.checks_records import refused_pointers

RANGES = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
PAGE = 2
SPANS = {"month": len("2026-03"), "year": len("2026")}

Order = Sequence[tuple[str, bool]]


def columns_of(caller: ResourceCaller) -> dict[str, type]:
    """Return the columns that the list can be filtered and sorted by."""
    return dict(caller.declared.projection.column_types())


def check_list_shows_every_record(caller: ResourceCaller) -> None:
    """Each record is in the list once, with the members that it has at its own address."""
    rows = caller.fill()
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        address = caller.declared.address_of_row(row)
        record = caller.read(address) if address else row
        assert {name: record.get(name) for name in row} == row, f"at its address: {record}"


def check_filters_select_the_rows_with_a_value(caller: ResourceCaller) -> None:
    """One value, two values, by a comma or given one by one, and ranges of ordered types, for every column."""
    rows, free_texts = caller.fill(), ListEndpoint(caller.declared.projection).free_texts
    for column, kind in columns_of(caller).items():
        values = sorted({comparable(row[column], kind) for row in rows if row[column] is not None})
        for value in values:
            assert _selected(caller, column, text_of(value)) == ids_where(rows, column, kind, value.__eq__)
        if len(values) > 1:
            two = [text_of(each) for each in values[:2]]
            given = two if column in free_texts else ",".join(two)
            assert _selected(caller, column, given) == ids_where(rows, column, kind, values[:2].__contains__)
        if values and "gt" in operators_of(kind):
            _check_ranges(caller, rows, column, values[len(values) // 2])


def _check_ranges(caller: ResourceCaller, rows: Sequence[Row], column: str, limit: Any) -> None:
    for name, compare in RANGES.items():
        expected = ids_where(rows, column, columns_of(caller)[column], lambda each, c=compare: c(each, limit))
        selected = _selected(caller, f"{column}[{name}]", text_of(limit))
        assert selected == expected, f"{column}[{name}]={limit} selects {selected}, not {expected}"


def _selected(caller: ResourceCaller, parameter: str, value: str | list[str]) -> list[str]:
    return [row["id"] for row in caller.rows(**{parameter: value})]


def ids_where(rows: Sequence[Row], column: str, kind: type, holds: Any) -> list[str]:
    """Return the ids of the rows whose value is present and meets a condition."""
    present = [row for row in rows if row[column] is not None]
    return [row["id"] for row in present if holds(comparable(row[column], kind))]


def comparable(value: Any, kind: type) -> Any:
    """Return a value of a row in a form that compares as lists compare it: amounts of money by their number."""
    if kind in (Money, UnitPrice):
        return Decimal(value["amount"])
    return Decimal(str(value)) if kind in (int, Decimal) else value


def text_of(value: Any) -> str:
    """Return a value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_invalid_parameters_are_refused(caller: ResourceCaller) -> None:
    """An unknown column, a range of a column without order, a value of another type: 422 names the parameter."""
    caller.fill(1)
    listing = ListEndpoint(caller.declared.projection)
    invalid = {"no_such_column": "1", "limit": "0", "cursor": "x", "sort": "no_such_column"}
    for column, kind in columns_of(caller).items():
        if "gt" not in operators_of(kind):
            invalid[f"{column}[gt]"] = "1"
        if not isinstance(listing.fields[column], Text):
            invalid[column] = "no such value"
    for parameter, value in invalid.items():
        response = caller.query(**{parameter: value})
        assert refused_pointers(response) == {f"/{parameter.partition('[')[0]}"}, f"{parameter}={value}"


def check_filters_with_fixed_values_name_them(caller: ResourceCaller) -> None:
    """A value that a column cannot have, such as an unknown status, is refused with the values that it can have."""
    caller.fill(1)
    listing = ListEndpoint(caller.declared.projection)
    for column, choices in choices_of(listing).items():
        for parameter in (column, f"{column}[eq]"):
            response = caller.query(**{parameter: "nosuchvalue"})
            assert refused_pointers(response) == {f"/{column}"}, parameter
            detail = response.json["errors"][0]["detail"]
            assert [each for each in choices if each not in detail] == [], detail
        assert caller.query(**{column: ",".join(choices)}).status_code == 200


def choices_of(listing: ListEndpoint) -> dict[str, list[str]]:
    """Return the columns with a fixed set of values, and these values; each state of a record is one of them."""
    kinds = {name: without_none(each) for name, each in listing.projection.columns.items()}
    found = {name: [*map(str, each)] for name, each in kinds.items() if isinstance(each, EnumType)}
    flags = {name: ["true", "false"] for name, each in kinds.items() if each is bool}
    return found | flags


# -- order and pages


def check_list_is_sorted_by_every_column(caller: ResourceCaller) -> None:
    """By each column in both directions, and by two columns in different ones; equal values by id."""
    rows = caller.fill()
    for order in orders_of(caller):
        listed = [row["id"] for row in caller.rows(sort=sort_text(order))]
        assert listed == [row["id"] for row in in_order(rows, order, columns_of(caller))], f"sort={sort_text(order)}"


def orders_of(caller: ResourceCaller) -> Iterator[Order]:
    """Yield the orders that are checked."""
    columns = list(columns_of(caller))
    yield from ([(column, descending)] for column in columns for descending in (False, True))
    if len(columns) > 1:
        yield [(columns[-1], True), (columns[0], False)]


def sort_text(order: Order) -> str:
    """Return an order as it is written in a query: `-date,number`."""
    return ",".join(f"-{column}" if descending else column for column, descending in order)


def in_order(rows: Sequence[Row], order: Order, kinds: dict[str, type]) -> list[Row]:
    """Return the rows in an order: missing values first, equal ones by id in the direction of the last column."""
    found = sorted(rows, key=lambda row: str(row["id"]), reverse=order[-1][1])
    for column, descending in reversed(order):
        found.sort(key=lambda row, c=column: _sort_key(row[c], kinds[c]), reverse=descending)  # type: ignore[misc]
    return found


def _sort_key(value: Any, kind: type) -> tuple[Any, ...]:
    if value is None:
        return (False,)
    return (True, comparable(value, kind), *([value["currency"]] if kind in (Money, UnitPrice) else []))


def check_pages_show_every_row_once(caller: ResourceCaller) -> None:
    """Following the cursors of small pages gives the whole list, in every order."""
    caller.fill()
    for parameters in [{}, *({"sort": sort_text(order)} for order in orders_of(caller))]:
        whole = [row["id"] for row in caller.rows(**parameters)]
        paged = [row["id"] for row in follow_pages(caller, parameters, at_most=len(whole) + 1)]
        assert paged == whole, f"{parameters}: pages show {paged}, the list {whole}"


def follow_pages(caller: ResourceCaller, parameters: dict[str, str], at_most: int) -> Iterator[Row]:
    """Yield the rows of all pages; the `Link` of a page leads to the same next page as its cursor."""
    cursor: dict[str, str] = {}
    for _ in range(at_most):
        response = caller.query(limit=PAGE, **parameters, **cursor)
        assert response.status_code == 200, response.text
        page = response.json
        yield from page["data"]
        assert page["has_more"] == bool(page["next_cursor"]) == ("Link" in response.headers)
        if not page["has_more"]:
            return
        assert len(page["data"]) == PAGE
        cursor = {"cursor": page["next_cursor"]}
        assert page["next_cursor"] in response.headers["Link"]


def check_groups_add_up_to_the_list(caller: ResourceCaller) -> None:
    """By each column, the largest groups first, page by page: as many rows in each as the list has with its value."""
    rows = caller.fill()
    for column in groupable_names(columns_of(caller)):
        name, _, span = column.partition(".")
        counts = Counter(row[name] and row[name][: SPANS[span]] if span else row[name] for row in rows)
        query = {"group_by": column, "sort": f"-count,{column}"}
        groups = list(follow_pages(caller, query, at_most=len(counts) + 1))
        assert {group[column]: group["count"] for group in groups} == dict(counts), column
        assert [group["count"] for group in groups] == sorted(counts.values(), reverse=True), column


def check_cursor_belongs_to_its_query(caller: ResourceCaller) -> None:
    """A cursor of another order is refused with 422."""
    caller.fill(PAGE + 1)
    cursor = caller.query(limit=PAGE).json["next_cursor"]
    for column in columns_of(caller):
        assert refused_pointers(caller.query(limit=PAGE, sort=column, cursor=cursor)) == {"/cursor"}


# -- search


def check_search_finds_rows_by_their_words(caller: ResourceCaller) -> None:
    """A part of a word, in any case, of every searched field; all words of a search must be in the row."""
    rows, searched = caller.fill(), caller.declared.projection.search
    for word in {part for row in rows for name in searched if row[name] for part in _parts(str(row[name]))}:
        expected = [row["id"] for row in rows if word.casefold() in _searched_text(row, searched)]
        assert [row["id"] for row in caller.rows(q=word)] == expected, f"q={word}"
        assert caller.rows(q=f"{word} nosuchword") == []


def _parts(text: str) -> set[str]:
    last = text.split()[-1]
    return {last.upper(), text[: max(3, len(text) // 2)].strip()}


def _searched_text(row: Row, searched: Sequence[str]) -> str:
    return "\n".join(str(row[name]) for name in searched if row[name] is not None).casefold()
