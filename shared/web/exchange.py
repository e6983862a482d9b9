"""`GET …/export`, `GET …/template` and `POST …/import`: a collection as a CSV or XLSX sheet.

The columns are the fields of the create command, so that exported sheets can be imported elsewhere.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import file_digest
from io import BufferedRandom
from typing import Any

from flask import Response, g, request
from werkzeug.datastructures import MultiDict

from shared.sheets.cells import SheetError, SheetRow, cell_name
from shared.sheets.reading import read_sheet
from shared.sheets.writing import CSV, MEDIA_TYPES, XLSX, write_sheet
from shared.web import batch, fields
from shared.web.answer_form import asked_form
from shared.web.batch import BatchItem, BatchResults
from shared.web.body import read_body_file, require_media_type
from shared.web.body_limits import MAX_BODY_BYTES, BodyKind
from shared.web.columns import ImportedHeader, document_columns, lines_of
from shared.web.commands import DeclaredCommand, command_executor, idempotency_key
from shared.web.lists import ListEndpoint, ListQuery, refuse_parameters_of_pages
from shared.web.problems import ProblemError, invalid_value
from shared.web.queries import read_up_to_date
from shared.web.query_parameters import FORMAT, parameters_given_once, parse_query_by_schema
from shared.web.replies import Reply, current_service, json_reply, to_response
from shared.web.schema import Schema
from shared.web.sheets import all_rows, file_response, readable_rows, require_space

MAX_RUNNING = 3
"""Imports that a service runs at once, each of another person."""
EXCEL = "application/vnd.ms-excel"
"""What Windows calls CSV files, and old workbooks."""

_SHEET = re.compile(
    rf"(?P<type>{re.escape(CSV)}|{re.escape(XLSX)}|{re.escape(EXCEL)})"
    r" *(?:; *(?:header=\w+|charset=\"?(?P<charset>utf-8|utf-16|windows-1252)\"?) *)*",
    re.IGNORECASE,
)
_SHEET_TYPES = f"{CSV} in UTF-8, UTF-16 or windows-1252, or {XLSX}"
_NUMBERING = "Rows are numbered as the spreadsheet shows them."
_ZIP_MARK, _OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class SheetFormatQuery(Schema):
    """Query of an export or a template: the file format of the sheet."""

    format = fields.OneOf(*MEDIA_TYPES, load_default="csv")


class ImportQuery(Schema):
    """Query of an import: whether rows are only validated (`dry_run`), and the number of rows the sender expects."""

    dry_run = fields.FlagParameter(load_default=False)
    rows = fields.WholeNumberParameter(load_default=None)


def make_template_view(name: str, task: DeclaredCommand) -> Callable[[], Response]:
    """Return the view of an empty sheet, with the header only, to be filled in."""

    def template() -> Response:
        """Download a sheet with only its header, to be filled in and imported."""
        form = _form_asked_for(parse_query_by_schema(SheetFormatQuery()))
        return file_response(name, form, write_sheet(form, lines_of(document_columns(task.schema), [])))

    return template


def make_export_view(name: str, task: DeclaredCommand, listing: ListEndpoint) -> Callable[[], Response]:
    """Return the view of the list as a sheet, with the same filters, search and order."""

    def export() -> Response:
        """Download all matching records as a sheet, with the fields that can be imported."""
        own, of_the_list = _split_parameters(request.args)
        form = _form_asked_for(SheetFormatQuery().parse(parameters_given_once(own, (FORMAT,))))
        query = listing.parse_query(of_the_list)
        found = _rows_to_export(listing, query)
        columns = document_columns(task.schema, found)
        require_space(len(found), len(columns))
        return file_response(name, form, write_sheet(form, lines_of(columns, found)))

    return export


def _form_asked_for(query: Mapping[str, str]) -> str:
    """Return the form of an address that answers only sheets: CSV unless XLSX is asked for, as for a list."""
    return query[FORMAT] if FORMAT in request.args else asked_form(None) or query[FORMAT]


def _rows_to_export(listing: ListEndpoint, query: ListQuery) -> list[dict[str, Any]]:
    with read_up_to_date(*listing.reads):
        reader = listing.reader_of(current_service(), query)
        return list(readable_rows(all_rows(reader, query, query.filters)))


def make_import_view(task: DeclaredCommand, reads_all: Callable[[], bool]) -> Callable[[], Response]:
    """Return the view that imports a sheet: the create command for every row, in one unit of work, or for none.

    `reads_all` returns whether the caller may read all records: a dry run states which codes are taken, and leaves no
    trace of the question.
    """

    def import_() -> Response:
        """Create a record for every row of a sheet, or none: 422 lists the errors. A dry run only returns them.

        At most 50,000 rows and 32 MiB. Rows and cells are named as the spreadsheet shows them: the header is row 1.
        """
        key = idempotency_key(request.environ)
        query = parse_query_by_schema(ImportQuery())
        if query["dry_run"] and not reads_all():
            raise ProblemError(403, "forbidden", "Only callers who may read all records may send a dry run.")
        kind = require_media_type(request.environ, _SHEET, _SHEET_TYPES)
        with _one_import_of(g.caller.actor), read_body_file(request.environ, MAX_BODY_BYTES[BodyKind.SHEET]) as file:
            sheet = _ImportedSheet(task, file, kind)
            items = sheet.items(query["rows"])
            if query["dry_run"]:
                done = batch.repeat_while_events_may_arrive(partial(_dry_run, task, items))
                return to_response(sheet.reply(done, dry_run=True))
            execute = command_executor(key, sheet.digest)
            return to_response(batch.execute_batch(execute, task, items, sheet.imported))

    return import_


def _dry_run(task: DeclaredCommand, items: Sequence[BatchItem], waits_for_events: bool) -> BatchResults:
    with current_service().runner.read_only(g.caller):
        done = batch.run_items(task, items, waits_for_events=waits_for_events)
        batch.refuse_forbidden(done)
    return done


_running: set[str] = set()
_running_lock = threading.Lock()


@contextmanager
def _one_import_of(actor: str) -> Iterator[None]:
    """Context of an import. Raises ProblemError 429 if another one of this person is running, 503 for too many."""
    with _running_lock:
        if actor in _running:
            raise _busy(429, "import_running", "Your previous import is still running. Try again when it is answered.")
        if len(_running) >= MAX_RUNNING:
            raise _busy(503, "imports_running", f"{MAX_RUNNING} other imports are running. Try again in a few seconds.")
        _running.add(actor)
    try:
        yield
    finally:
        with _running_lock:
            _running.discard(actor)


def _busy(status: int, code: str, detail: str) -> ProblemError:
    return ProblemError(status, code, detail, headers={"Retry-After": "5"})


class _ImportedSheet:
    """An uploaded sheet: its rows as items of a batch, and the result of their commands."""

    def __init__(self, task: DeclaredCommand, file: BufferedRandom, media_type: re.Match[str]) -> None:
        self._task, self._file = task, file
        self.digest = file_digest(file, "sha256").digest()
        self._form = _form_of(file, media_type["type"].lower())
        self._charset = (media_type["charset"] or "").lower()
        self._places: dict[str, Callable[[str], Mapping[str, str]]] = {}

    def items(self, stated: int | None) -> list[BatchItem]:
        """Return the rows, each validated by the schema. Raises ProblemError 422 for too many or too few of them."""
        try:
            items = list(self._validated_rows())
        except SheetError as unreadable:
            status = 413 if unreadable.code == "too_large" else 422
            detail = unreadable.detail
            raise ProblemError(status, unreadable.code, detail, errors=[_file_error(unreadable.code, detail)]) from None
        if not items:
            raise _invalid_file("no_rows", "The sheet has a header, but no rows below it.")
        if stated is not None and stated != len(items):
            raise invalid_value("/rows", "other_count", f"{len(items)} rows received, not {stated}; check the file")
        return items

    def _validated_rows(self) -> Iterator[BatchItem]:
        rows = read_sheet(self._file, self._form, self._charset)
        first = next(rows, None)
        if first is None:
            detail = "The file is empty: it needs a header with the names of the columns, as in the template, and rows."
            raise SheetError("empty", detail)
        header = ImportedHeader(self._task.schema, first)
        for row in rows:
            yield self._item(header, row)

    def _item(self, header: ImportedHeader, row: SheetRow) -> BatchItem:
        pointer = f"/rows/{row.number}"
        if len(row.cells) > len(header):
            detail = f"Cell {cell_name(row.number, len(header))} has a value, but its column has no name."
            raise invalid_value(pointer, "too_many_cells", detail)
        (item,) = batch.validate_items(self._task, [(pointer, header.document(row))])
        place_of = partial(header.place_of, row.number, header.filled_columns(row))
        if isinstance(item.body, ProblemError):
            item.body.errors = [{**each, **place_of(each["pointer"])} for each in item.body.errors]
        else:
            self._places[pointer] = place_of
        return item

    def imported(self, done: BatchResults) -> Reply:
        """Return the number of rows. Raises ProblemError if a row is refused: then none is imported."""
        batch.refuse_forbidden(done)
        if errors := self._errors(done):
            refused = sum(isinstance(reply, ProblemError) for _, reply in done)
            detail = f"{refused} of {len(done)} rows were refused, so none was imported. {_NUMBERING}"
            raise ProblemError(batch.INVALID, "rows_refused", detail, errors=errors)
        return self.reply(done, dry_run=False)

    def reply(self, done: BatchResults, *, dry_run: bool) -> Reply:
        """Return the number of rows and their errors."""
        return json_reply({"dry_run": dry_run, "rows": len(done), "errors": self._errors(done)})

    def _errors(self, done: BatchResults) -> list[batch.Fault]:
        return [self._with_place(error, item) for item, reply in done if isinstance(reply, ProblemError)
                for error in batch.item_errors(item, reply)]  # fmt: skip

    def _with_place(self, error: batch.Fault, item: BatchItem) -> batch.Fault:
        """Return the error of a command with the column and the cell that it is about."""
        place_of = self._places.get(item.pointer)
        inside = error["pointer"].removeprefix(item.pointer)
        return {**error, **place_of(inside)} if place_of and inside else error


def _form_of(file: BufferedRandom, media_type: str) -> str:
    """Return the form of a file of this media type; what a browser on Windows calls Excel is CSV or a workbook."""
    if media_type != EXCEL:
        return "csv" if media_type == CSV else "xlsx"
    file.seek(0)
    beginning = file.read(4)
    return "xlsx" if beginning in (_ZIP_MARK, _OLE_MARK) else "csv"


def _file_error(code: str, detail: str) -> dict[str, str]:
    return {"pointer": "/file", "code": code, "detail": detail}


def _invalid_file(code: str, detail: str) -> ProblemError:
    return invalid_value("/file", code, detail)


def _split_parameters(parameters: MultiDict[str, str]) -> tuple[MultiDict[str, str], MultiDict[str, str]]:
    """Return the parameters of the sheet and those of the list: filters and sort, but no paging."""
    of_the_list = MultiDict(parameters)
    refuse_parameters_of_pages(parameters)
    return MultiDict({"format": of_the_list.poplist("format")}), of_the_list
