"""What a suite answers to a request, as JSON: documents, lines, sheets."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import httpx2
from openpyxl import load_workbook

AT_ONCE = 4
PAGE = "200"
EVENTS_PAGE = 1_000

Answer = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A GET request and the label that its answer has in a recording."""

    path: str
    query: dict[str, str]
    label: str
    is_filter: bool = False
    """Only the ids of all matching rows are recorded: the rows are in the whole list."""

    @classmethod
    def of(cls, path: str, /, **query: str) -> "Question":
        shown = "&".join(f"{name}={value}" for name, value in query.items())
        return cls(path, query, f"GET {path}" + (f"?{shown}" if shown else ""))


class Reader:
    """Reads a suite as its administrator."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def answer(self, question: Question) -> Answer:
        if question.is_filter:
            return self._matching(question)
        response = self._client.get(question.path, params=question.query)
        return {"status": response.status_code, "body": content(response)}

    def _matching(self, question: Question) -> Answer:
        try:
            rows = self.rows(question.path, **question.query)
        except httpx2.HTTPStatusError as refusal:
            return {"status": refusal.response.status_code, "body": content(refusal.response)["code"]}
        return {"status": 200, "body": [str(row["id"]) for row in rows]}

    def answers(self, questions: Iterable[Question]) -> Iterator[tuple[str, Answer]]:
        """Return labels and answers; several requests are under way at once."""
        asked = list(questions)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            yield from zip((each.label for each in asked), threads.map(self.answer, asked), strict=True)

    def rows(self, path: str, **filters: str) -> list[Row]:
        """Return every row of a list, page by page."""
        rows: list[Row] = []
        query = filters | {"limit": PAGE}
        while True:
            page = self._client.get(path, params=query).raise_for_status().json()
            rows += page["data"]
            if not page["has_more"]:
                return rows
            query = filters | {"limit": PAGE, "cursor": page["next_cursor"]}

    def lines(self, path: str, **query: str) -> list[Row]:
        """Return every line of a log, page by page."""
        found: list[Row] = []
        while True:
            after = {"after": str(found[-1].get("position", found[-1].get("number")))} if found else {}
            response = self._client.get(path, params=query | after)
            page = content(response.raise_for_status())
            found += page
            if len(page) < EVENTS_PAGE:
                return found


def content(response: httpx2.Response) -> Any:
    """Return the body as JSON; a sheet as its rows by heading."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    match kind:
        case "application/json" | "application/problem+json":
            return response.json()
        case "application/x-ndjson":
            return [json.loads(line) for line in response.content.splitlines()]
        case "text/csv":
            return _sheet(list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")))))
        case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            return _workbook(response.content)
    return response.text


def _workbook(file: bytes) -> Any:
    book = load_workbook(io.BytesIO(file), read_only=True)
    return {sheet.title: _sheet([list(row) for row in sheet.iter_rows(values_only=True)]) for sheet in book.worksheets}


def _sheet(rows: list[list[Any]]) -> Any:
    """Return the headings, and the rows by heading."""
    headings = [str(each) for each in rows[0]] if rows else []
    return {"headings": headings, "rows": [_by_heading(headings, row) for row in rows[1:]]}


def _by_heading(headings: list[str], row: list[Any]) -> Row:
    cells = [None if each is None else str(each) for each in row]
    return {str(heading): cell for heading, cell in zip_longest(headings, cells)}
