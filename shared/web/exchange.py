"""`GET …/export`, `GET …/template` and `POST …/import`: a collection as a CSV or XLSX sheet.

The columns are the fields of the create command, so that exported sheets can be imported elsewhere.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from werkzeug.datastructures import MultiDict

from shared.projections import Projection
from shared.web import batch, fields
from shared.web.batch import MAX_ITEMS, BatchItem, BatchResults
from shared.web.body import read_body_of_media_type
from shared.web.body_limits import BodyKind
from shared.web.columns import ImportedHeader, sheet_rows
from shared.web.commands import DeclaredCommand, command_executor, idempotency_key
from shared.web.lists import ListEndpoint, ListQuery
from shared.web.problems import ProblemError, RawResponse, invalid_value
from shared.web.queries import read_up_to_date
from shared.web.query_parameters import parameters_given_once, parse_query_by_schema
from shared.web.replies import Reply, current_service, decrypt_values, json_reply, to_response
from shared.web.schema import Schema
from shared.web.sheet import CSV, MEDIA_TYPES, XLSX, SheetRow, read_sheet, write_sheet
from shared.web.summaries import PARAMETERS

MAX_EXPORTED = 10_000

_SHEET = re.compile(rf"({re.escape(CSV)}|{re.escape(XLSX)}) *(?:; *charset=\"?utf-8\"? *)?", re.IGNORECASE)
_NOT_IN_EXPORTS = ("limit", "cursor", *PARAMETERS)


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
        form = parse_query_by_schema(SheetFormatQuery())["format"]
        return _file_response(name, form, write_sheet(form, sheet_rows([], task.schema)))

    return template


def make_export_view(name: str, task: DeclaredCommand, listing: ListEndpoint) -> Callable[[], Response]:
    """Return the view of the list as a sheet, with the same filters, search and order."""

    def export() -> Response:
        """Download all matching records as a sheet, with the fields that can be imported."""
        own, of_the_list = _split_parameters(request.args)
        form = SheetFormatQuery().parse(parameters_given_once(own, ("format",)))["format"]
        query = listing.parse_query(of_the_list)
        found = _rows_to_export(listing.projection, query)
        return _file_response(name, form, write_sheet(form, sheet_rows(found, task.schema)))

    return export


def _rows_to_export(projection: type[Projection], query: ListQuery) -> list[dict[str, Any]]:
    with read_up_to_date(projection):
        reader = current_service().reader_for(projection)
        rows = reader.list_rows(query.filters, query.sort, limit=MAX_EXPORTED + 1, q=query.search)
    if len(rows) > MAX_EXPORTED:
        detail = f"more than {MAX_EXPORTED} rows match; export them in parts with a filter"
        raise invalid_value("/format", "too_many", detail)
    found: list[dict[str, Any]] = decrypt_values(rows)
    return found


def make_import_view(task: DeclaredCommand, reads_all: Callable[[], bool]) -> Callable[[], Response]:
    """Return the view that imports a sheet: the create command for every row, in one unit of work, or for none.

    `reads_all` returns whether the caller may read all records: a dry run states which codes are taken, and leaves no
    trace of the question.
    """

    def import_() -> Response:
        """Create a record for every row of a sheet, or none: 422 lists the errors. A dry run only returns them."""
        key = idempotency_key(request.environ)
        query = parse_query_by_schema(ImportQuery())
        if query["dry_run"] and not reads_all():
            raise ProblemError(403, "forbidden", "Only callers who may read all records may send a dry run.")
        raw = read_body_of_media_type(request.environ, _SHEET, f"{CSV} or {XLSX}", BodyKind.SHEET)
        items = _read_rows(raw, task, query["rows"])
        if not query["dry_run"]:
            return to_response(batch.execute_batch(command_executor(key, raw), task, items, _imported))
        with current_service().runner.read_only(g.caller):
            done = batch.run_items(task, items, waits_for_events=False)
        return to_response(_import_reply(done, dry_run=True))

    return import_


def _read_rows(raw: bytes, task: DeclaredCommand, stated: int | None) -> list[BatchItem]:
    """Return the rows, each validated by the schema. Raises ProblemError 422 for too many, or not as many as stated."""
    form = "csv" if request.mimetype == CSV else "xlsx"
    header, *rows = list(read_sheet(form, raw, MAX_ITEMS + 1)) or [SheetRow(1, ())]
    if not header.cells:
        raise invalid_value("/rows", "empty", "must begin with a header: the names of the columns, as in the template")
    if len(rows) > MAX_ITEMS:
        raise invalid_value("/rows", "too_many", f"must be at most {MAX_ITEMS} rows")
    if stated is not None and stated != len(rows):
        raise invalid_value("/rows", "other_count", f"{len(rows)} rows received, not {stated}; check the file")
    columns = ImportedHeader(task.schema, [name.strip() for name in header.cells])
    for row in rows:
        if len(row.cells) > len(columns):
            detail = f"has more cells than the header ({len(columns)})"
            raise invalid_value(f"/rows/{row.number}", "too_many_cells", detail)
    return batch.validate_items(task, ((f"/rows/{row.number}", columns.document(row.cells)) for row in rows))


def _imported(done: BatchResults) -> Reply:
    """Return the number of rows. Raises ProblemError if a row is refused: then none is imported."""
    if errors := batch.batch_errors(done):
        detail = "Some rows were refused, so none was imported."
        raise ProblemError(batch.INVALID, "rows_refused", detail, errors=errors)
    return _import_reply(done, dry_run=False)


def _import_reply(done: BatchResults, *, dry_run: bool) -> Reply:
    """Return the number of rows and their errors."""
    return json_reply({"dry_run": dry_run, "rows": len(done), "errors": batch.batch_errors(done)})


def _file_response(name: str, form: str, content: bytes) -> Response:
    media_type = f"{CSV}; charset=utf-8" if form == "csv" else MEDIA_TYPES[form]
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return RawResponse(content, 200, headers)


def _split_parameters(parameters: MultiDict[str, str]) -> tuple[MultiDict[str, str], MultiDict[str, str]]:
    """Return the parameters of the sheet and those of the list: filters and sort, but no paging."""
    of_the_list = MultiDict(parameters)
    if paging := [each for each in _NOT_IN_EXPORTS if each in parameters]:
        raise invalid_value(f"/{paging[0]}", "unknown_field", "is not allowed: an export has all rows")
    return MultiDict({"format": of_the_list.poplist("format")}), of_the_list
