"""Lists: filtered and sorted by declared columns, cut into pages by signed cursors, never by offset."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from shared import money
from shared.codec import digest, encode
from shared.report import Report
from shared.service import Service
from shared.web import fields
from shared.web.answers import Reply, public
from shared.web.problems import wrong

PAGE = 50
LONGEST_PAGE = 200
MOST_VALUES = 100
LONGEST_VALUE = 200
LONGEST_CURSOR = 4_000
OPERATORS = ("gt", "gte", "lt", "lte")
CONSISTENCY = "consistency"
CURSORS = "cursors"

_PARAMETER = re.compile(r"([a-z][a-z0-9_]*)(?:\[([a-z]+)\])?")
_COUNT = re.compile(r"[0-9]{1,6}")


SEARCH = fields.Text(max=LONGEST_VALUE)
KNOWN_AT = fields.KnownAt()
_NUMBER = fields.Number(digits=23, decimals=15)
JUDGES: dict[type, fields.Field] = {
    str: SEARCH,
    UUID: fields.Id(),
    bool: fields.Switch(),
    int: _NUMBER,
    Decimal: _NUMBER,
    money.Money: _NUMBER,
    date: fields.Date(),
    datetime: fields.Instant(),
}
_IN_ORDER = (int, Decimal, money.Money, date, datetime)


@dataclass
class Query:
    """What is asked of a list, judged."""

    where: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = PAGE
    words: str | None = None
    cursor: str | None = None
    known_at: datetime | int | None = None


class Listing:
    """What can be asked of one report, and the page that answers it.

    `also` are other names of parameters: `{"from": "date[gte]"}`.
    """

    def __init__(self, report: type[Report], also: Mapping[str, str] | None = None) -> None:
        self.report = report
        self.also = also or {}
        self.kinds: Mapping[str, type] = {"id": UUID, **report.kinds()}

    # -- what is asked

    def judged(self, asked: MultiDict[str, str]) -> Query:
        """The query. Problem 422 naming a parameter that is not known, given twice, or not of its kind."""
        query = Query()
        for name, values in asked.lists():
            if len(values) > 1:
                raise wrong(f"/{name}", "given_twice", "give it once, values separated by commas")
            self._take(query, name, values[0])
        return query

    def _take(self, query: Query, name: str, value: str) -> None:
        match name:
            case "limit":
                query.limit = _judged_limit(value)
            case "sort":
                query.sort = list(self._judged_sort(value))
            case "cursor":
                query.cursor = value
            case "consistency":
                pass
            case "known_at" if self.report.history:
                query.known_at = _judged(KNOWN_AT, name, value)
            case "q" if self.report.search:
                query.words = _judged(SEARCH, name, value)
            case _:
                self._filter(query, name, value)

    def _filter(self, query: Query, name: str, value: str) -> None:
        spelled = _PARAMETER.fullmatch(self.also.get(name, name))
        column, operator = spelled.groups() if spelled else (name, None)
        called = name if name in self.also else column
        kind = self.kinds.get(column)
        if kind is None:
            raise wrong(f"/{column}"[:LONGEST_VALUE], "unknown_field", f"can be asked by {self._allowed()}")
        if operator is None:
            query.where.setdefault(column, []).append(("in", _several(JUDGES[kind], called, value)))
        elif operator in operators_of(kind):
            query.where.setdefault(column, []).append((operator, _judged(JUDGES[kind], called, value)))
        else:
            raise wrong(f"/{column}", "unknown_operator", f"has {_operators_of(kind)}")

    def _judged_sort(self, value: str) -> Iterator[tuple[str, bool]]:
        for each in value.split(",")[: len(self.kinds) + 1]:
            column = each.removeprefix("-")
            if column not in self.kinds:
                raise wrong("/sort", "unknown_field", f"can be sorted by {', '.join(self.kinds)}")
            yield column, each.startswith("-")

    def _allowed(self) -> str:
        others = [*(["q"] if self.report.search else []), *(["known_at"] if self.report.history else [])]
        return ", ".join([*self.kinds, *self.also, *others, "sort", "limit", "cursor", CONSISTENCY])

    # -- the page

    def page(self, service: Service, query: Query, **fixed: Any) -> Reply:
        """`{"data", "has_more", "next_cursor"}` and a `Link` to the next page. `fixed` are filters the path gives."""
        where = {**query.where, **{column: [("eq", value)] for column, value in fixed.items()}}
        asked = digest([self.report.name, plain_where(where), query.sort, query.words, query.known_at])[:16]
        after = _place(query.cursor, asked) if query.cursor is not None else None
        reader = service.rows_of(self.report, query.known_at)
        rows = reader.select(where=where, sort=query.sort, after=after, limit=query.limit + 1, q=query.words)
        has_more = len(rows) > query.limit
        del rows[query.limit :]
        cursor = _cursors().dumps([asked, list(reader.place(rows[-1], query.sort))]) if has_more else None
        body = encode({"data": rows, "has_more": has_more, "next_cursor": cursor})
        return Reply(200, {"Link": _link(str(cursor))} if has_more else {}, body)


def plain_where(where: Mapping[str, Any]) -> list[Any]:
    return [[column, [[operator, str(value)] for operator, value in tests]] for column, tests in sorted(where.items())]


def operators_of(kind: type) -> tuple[str, ...]:
    """What a column of this kind can be asked by, beside values separated by commas."""
    return ("eq", *OPERATORS) if kind in _IN_ORDER else ("eq",)


def _operators_of(kind: type) -> str:
    return ", ".join(["values separated by commas", *(f"[{each}]" for each in operators_of(kind))])


def _judged(judge: fields.Field, name: str, value: str) -> Any:
    try:
        return judge.deserialize(value)
    except ValidationError as invalid:
        fault = invalid.messages[0]
        raise wrong(f"/{name}", getattr(fault, "code", "invalid"), str(fault)) from None


def _several(judge: fields.Field, name: str, value: str) -> tuple[Any, ...]:
    values = value.split(",", MOST_VALUES)
    if len(values) > MOST_VALUES:
        raise wrong(f"/{name}", "too_many", f"may have {MOST_VALUES} values")
    return tuple(_judged(judge, name, each) for each in values)


def _judged_limit(value: str) -> int:
    if not _COUNT.fullmatch(value) or not 1 <= int(value) <= LONGEST_PAGE:
        raise wrong("/limit", "out_of_range", f"must be 1 to {LONGEST_PAGE}")
    return int(value)


def _cursors() -> URLSafeSerializer:
    cursors: URLSafeSerializer = current_app.extensions[CURSORS]
    return cursors


def _place(cursor: str, asked: str) -> list[Any]:
    """Where the page before ended, if the cursor is ours and the question is still the same."""
    try:
        bound, place = _cursors().loads(cursor[:LONGEST_CURSOR])
    except BadData:
        raise wrong("/cursor", "malformed_cursor", "must be a next_cursor as it was given") from None
    if bound != asked:
        raise wrong("/cursor", "other_question", "belongs to another filter or sort")
    return list(place)


def _link(cursor: str) -> str:
    asked = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f'<{public(request.path)}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'


def eventual() -> bool:
    """The caller takes what the reports show now. Problem 422 for any other word than `eventual`."""
    wish = request.args.get(CONSISTENCY)
    if wish not in (None, "eventual"):
        raise wrong(f"/{CONSISTENCY}", "not_one_of", "must be eventual, or not given")
    return wish is not None


def only(asked: MultiDict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The parameters of a question that is no list. Problem 422 for one it does not know or that comes twice."""
    for name, values in asked.lists():
        if name not in (*names, CONSISTENCY):
            raise wrong(
                f"/{name}"[:LONGEST_VALUE], "unknown_field", f"can be asked by {', '.join([*names, CONSISTENCY])}"
            )
        if len(values) > 1:
            raise wrong(f"/{name}", "given_twice", "give it once")
    return {name: value for name, value in asked.items() if name != CONSISTENCY}
