"""Sheets of rows: a list or a statement as a CSV or XLSX file that has the same rows and members as its JSON."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, request

from shared.codec import decode_untyped
from shared.projections import Projection, RowReader
from shared.projections.row_query import Filters
from shared.projections.row_table import StoredRow, decode_for_readers
from shared.sheets.cells import MAX_ROWS
from shared.sheets.writing import CSV, MEDIA_TYPES, write_sheet
from shared.web.columns import lines_of
from shared.web.lists import ListQuery
from shared.web.problems import invalid_value
from shared.web.query_parameters import FORMAT
from shared.web.raw_response import RawResponse
from shared.web.replies import Reply, decrypt_values, has_encrypted
from shared.web.row_columns import ROWS_MEMBERS, Shape, row_columns

MAX_EXPORTED = MAX_ROWS
MAX_EXPORTED_CELLS = 2_000_000
MAX_EXPORTED_COLUMNS = 16_384
"""Columns that a spreadsheet program has."""
LEFT_OUT_HEADER = "Sihe-Not-In-Sheet"
"""Header of a statement as a sheet: the members of its JSON besides the rows, such as `totals`."""

_CHUNK_SIZE = 500
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def list_sheet(form: str, projection: type[Projection], rows: Sequence[StoredRow]) -> Response:
    """Return the rows of a list as a sheet."""
    columns = row_columns(projection.row_shape(), map(decode_for_readers, rows))
    require_space(len(rows), len(columns))
    return file_response(_name_of_request(), form, write_sheet(form, lines_of(columns, readable_rows(rows))))


def statement_sheet(form: str, shape: Shape, reply: Reply) -> Response:
    """Return the rows of a statement as a sheet. A header names what else its JSON has; no list is left out unnamed."""
    document = decode_untyped(reply.body)
    if has_encrypted(reply.body):
        document = decrypt_values(document)
    rows = document.pop(next(each for each in ROWS_MEMBERS if each in document))
    columns = row_columns(shape, rows)
    require_space(len(rows), len(columns))
    left_out = [name for name, value in document.items() if value and not isinstance(value, str)]
    headers = {**reply.headers, **({LEFT_OUT_HEADER: ", ".join(left_out)} if left_out else {})}
    return file_response(_name_of_statement(document), form, write_sheet(form, lines_of(columns, rows)), headers)


def _name_of_statement(document: Mapping[str, Any]) -> str:
    """Return the name of the file: with the days of the statement, and the lists that the sheet does not have."""
    days = [each for each in document.values() if isinstance(each, str)]
    lists = [name for name, value in document.items() if isinstance(value, list) and value]
    return "-".join([_name_of_request(), *days, *(f"without-{each}" for each in lists)])


def _name_of_request() -> str:
    return request.path.strip("/")


def all_rows(reader: RowReader, query: ListQuery, where: Filters) -> list[StoredRow]:
    """Return all rows of a list. Raises ProblemError 422 if a sheet cannot have so many."""
    rows = reader.list_stored_rows(where, query.sort, limit=MAX_EXPORTED + 1, q=query.search)
    if len(rows) > MAX_EXPORTED:
        raise _too_many(f"more than {MAX_EXPORTED} rows match")
    return rows


def readable_rows(rows: Sequence[StoredRow]) -> Iterator[dict[str, Any]]:
    """Yield the rows with encrypted fields decrypted as in JSON."""
    for start in range(0, len(rows), _CHUNK_SIZE):
        chunk = rows[start : start + _CHUNK_SIZE]
        decoded = [decode_for_readers(each) for each in chunk]
        yield from decrypt_values(decoded) if any(has_encrypted(text) for _, text in chunk) else decoded


def require_space(rows: int, columns: int) -> None:
    """Require that a sheet has room. Raises ProblemError 422."""
    if columns > MAX_EXPORTED_COLUMNS or rows * columns > MAX_EXPORTED_CELLS:
        raise _too_many(f"{rows} rows need {columns} columns, and a sheet has at most {MAX_EXPORTED_CELLS} cells")


def _too_many(detail: str) -> Exception:
    return invalid_value(f"/{FORMAT}", "too_many", f"{detail}; export them in parts with a filter")


def file_response(name: str, form: str, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """Return a sheet to be saved under a name."""
    media_type = f"{CSV}; charset=utf-8" if form == "csv" else MEDIA_TYPES[form]
    file_name = f"{_NOT_IN_NAMES.sub('-', name)}.{form}"
    sent = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{file_name}"'}
    return RawResponse(content, 200, {**(headers or {}), **sent})
