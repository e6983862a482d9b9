"""The reading requests that the API document offers, with parameters chosen from what the suite holds."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tests.same_answers.answers import Question, Reader, Row
from tests.same_answers.document import Operation
from tests.same_answers.order import in_order, is_random

FIRST, LAST = (1996, 7), (1998, 6)
AT_EACH_END = 25
ORDERS_TRACED = 10
PAGING = frozenset({"sort", "limit", "cursor", "consistency", "known_at", "q", "format"})
KEY_OF = {"/scm/items": "sku", "/erp/credit": "customer_id", "/erp/periods": "code"}
LIST_OF = {"/views/orders": "/crm/sales-orders", "/views/customers": "/crm/customers"}
ENTRIES, JOURNAL = "/erp/journal-entries", "/erp/journal"
VARYING = ("/audit/", "/ops/", "/access/")
"""Answers about logs, the machine and keys: the recording of the events has what is in them."""

Lists = Mapping[str, list[Row]]


SHEETS = ("/export", "/template")
"""Ends of the addresses that answer sheets only."""


def month_ends() -> list[date]:
    months = [divmod(each, 12) for each in range(FIRST[0] * 12 + FIRST[1] - 1, LAST[0] * 12 + LAST[1])]
    return [date(year, month + 1, monthrange(year, month + 1)[1]) for year, month in months]


def is_of_business(operation: Operation) -> bool:
    return operation.method == "GET" and not operation.path.startswith(VARYING)


def whole_lists(reader: Reader, operations: list[Operation]) -> dict[str, list[Row]]:
    """Return every row of every list that has no variable in its path, by path."""
    paths = [each.path for each in operations if is_of_business(each) and each.is_list and not each.segments]
    return {path: reader.rows(path) for path in paths}


def records(operations: list[Operation], lists: Lists) -> Iterator[Question]:
    """Ask for single records and what belongs to one: all of a list, or the first and the last 25 of a long one."""
    for operation in operations:
        if is_of_business(operation) and len(operation.segments) == 1:
            head, _, tail = operation.path.partition("{")
            for key in _keys(head.rstrip("/"), lists):
                query = {"limit": "200"} if operation.is_list else {}
                yield Question.of(f"{head}{key}{tail.partition('}')[2]}", **query)


def _keys(path: str, lists: Lists) -> list[str]:
    if path == ENTRIES:
        return list(dict.fromkeys(row["entry"] for row in _ends(lists[JOURNAL])))
    of = LIST_OF.get(path, path)
    return [str(row[KEY_OF.get(of, "id")]) for row in _ends(lists[of])]


def _ends(rows: list[Row]) -> list[Row]:
    ordered = in_order(rows)
    return ordered if len(rows) <= 2 * AT_EACH_END else [*ordered[:AT_EACH_END], *ordered[-AT_EACH_END:]]


def statements(operations: list[Operation], marks: Mapping[str, str]) -> Iterator[Question]:
    """Ask for each report without parameters, at each month end, as known at each mark, in each of its forms."""
    for operation in operations:
        if is_of_business(operation) and not operation.segments and not operation.is_list:
            forms = [{"by": each} for each in operation.choices("by")] if "by" in operation.query else []
            for form in [{}, *forms]:
                yield from _over_time(operation, form, marks)


def _over_time(operation: Operation, form: dict[str, str], marks: Mapping[str, str]) -> Iterator[Question]:
    if "format" in operation.query:
        yield from (Question.of(operation.path, format=each) for each in operation.choices("format"))
    if operation.path.endswith(SHEETS):
        return
    yield Question.of(operation.path, **form)
    for end in _periods(operation):
        yield Question.of(operation.path, **form, **end)
        if "known_at" in operation.query:
            for name, instant in marks.items():
                asked = Question.of(operation.path, **form, **end, known_at=name)
                yield Question(asked.path, asked.query | {"known_at": instant}, asked.label)


def _periods(operation: Operation) -> list[dict[str, str]]:
    if "as_of" in operation.query:
        return [{"as_of": str(end)} for end in month_ends()]
    if {"from", "to"} <= set(operation.query):
        return [{"from": str(end.replace(day=1)), "to": str(end)} for end in month_ends()]
    return []


def filters(operations: list[Operation], lists: Lists) -> Iterator[Question]:
    """Ask each list once by each parameter, with a value from the middle of its rows."""
    for operation in operations:
        if is_of_business(operation) and operation.is_list and not operation.segments:
            rows = in_order(lists[operation.path])
            for name in operation.query:
                value = _middle(rows, name.partition("[")[0])
                if value is not None and name not in PAGING:
                    yield _filter(operation, name, value)
            if "q" in operation.query and rows:
                yield from (_filter(operation, "q", each) for each in _words(rows))


def _filter(operation: Operation, name: str, value: str) -> Question:
    return replace(Question.of(operation.path, **{name: value}), is_filter=True)


def _middle(rows: list[Row], column: str) -> str | None:
    """Return the value in the middle row that has one; of money its amount."""
    column = {"from": "date", "to": "date"}.get(column, column)
    found = [row[column] for row in rows if row.get(column) not in (None, "", [])]
    if not found:
        return None
    value: Any = found[len(found) // 2]
    value = value.get("amount") if isinstance(value, dict) else value
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _words(rows: list[Row]) -> list[str]:
    """Return a word of the middle row that a person would search for."""
    texts = [row.get(name) for name in ("number", "name", "code", "sku", "tracking") for row in [rows[len(rows) // 2]]]
    return [str(each).split()[0] for each in texts if each][:1]


def sorted_lists(operations: list[Operation]) -> Iterator[tuple[str, Question]]:
    """Ask for the first page of each list by each order; with the column."""
    for operation in operations:
        if is_of_business(operation) and operation.is_list and not operation.segments:
            for choice in operation.choices("sort"):
                yield choice.lstrip("-"), Question.of(operation.path, sort=choice, limit="200")


def column_of(answer: Any, column: str) -> Any:
    """Return one column of a page in its order; only how many rows there are if its values are random."""
    if answer["status"] != 200:
        return answer
    values = [row.get(column) for row in answer["body"]["data"]]
    return {"status": 200, "body": len(values) if any(is_random(str(each)) for each in values) else values}
