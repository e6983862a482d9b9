"""`GET …/export`, `GET …/template` and `POST …/import`: a collection as a CSV or XLSX sheet.

The columns are the fields of the create command, so that exported sheets can be imported elsewhere.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from shared.codec import encode
from shared.projections import Projection
from shared.service import Service, StoredResponse
from shared.web import fields
from shared.web.batch_items import (
    INVALID,
    MAX_ITEMS,
    BatchItem,
    BatchResults,
    all_errors,
    run_each,
    run_when_available,
    validate_items,
)
from shared.web.body import read_plain
from shared.web.columns import Header, to_rows
from shared.web.commands import CommandView, idempotency_key, request_digest
from shared.web.lists import ListEndpoint, single_parameters
from shared.web.problems import Problem, RawResponse, current_request, invalid_value
from shared.web.questions import wait_for_projections
from shared.web.replies import Reply, decrypt_values, to_response
from shared.web.schema import Schema
from shared.web.sheet import CSV, MEDIA_TYPES, XLSX, Row, read_sheet, write_sheet

MAX_EXPORTED = 10_000

_SHEET = re.compile(rf"({re.escape(CSV)}|{re.escape(XLSX)}) *(?:; *charset=\"?utf-8\"? *)?", re.IGNORECASE)
_PAGING = ("limit", "cursor")


class SheetQuery(Schema):
    """The file format of a sheet."""

    format = fields.OneOf(*MEDIA_TYPES, load_default="csv")


class ImportQuery(Schema):
    """Whether rows are only validated (`dry_run`), and the number of rows the sender expects."""

    dry_run = fields.FlagParameter(load_default=False)
    rows = fields.WholeNumberParameter(load_default=None)


def template_question(name: str, task: CommandView) -> Callable[[], Response]:
    """Return the view of the empty sheet."""

    def template() -> Response:
        """Download a sheet with only its header, to be filled in and imported."""
        form = SheetQuery().parse(single_parameters(request.args, ("format",)))["format"]
        return _file_response(name, form, write_sheet(form, to_rows([], task.schema)))

    return template


def export_question(name: str, task: CommandView, listing: ListEndpoint) -> Callable[[], Response]:
    """Return the view of the list as a sheet, with the same filters, search and order."""

    def export() -> Response:
        """Download all matching records as a sheet, with the fields that can be imported."""
        service: Service = current_app.extensions["service"]
        own, of_the_list = _split_parameters(request.args)
        form = SheetQuery().parse(single_parameters(own, ("format",)))["format"]
        query = listing.parse_query(of_the_list)
        found = _rows_to_export(service, listing.projection, query)
        return _file_response(name, form, write_sheet(form, to_rows(found, task.schema)))

    return export


def _rows_to_export(service: Service, projection: type[Projection], query: Any) -> list[dict[str, Any]]:
    wait_for_projections(service, [projection])
    with service.read_only(g.caller):
        rows = service.reader_for(projection).list_rows(
            query.filters, query.sort, limit=MAX_EXPORTED + 1, q=query.search
        )
        if len(rows) > MAX_EXPORTED:
            raise invalid_value(
                "/format", "too_many", f"more than {MAX_EXPORTED} rows match; export them in parts with a filter"
            )
        found: list[dict[str, Any]] = decrypt_values(rows, service)
    return found


def import_command(task: CommandView) -> Callable[[], Response]:
    """Return the create command for every row of a sheet, in one unit of work, or for none."""

    def import_() -> Response:
        """Create a record for every row of a sheet, or none: 422 lists the errors. A dry run only returns them."""
        service: Service = current_app.extensions["service"]
        http_request, state = current_request()
        key = idempotency_key(http_request.environ)
        import_query = ImportQuery().parse(single_parameters(http_request.args, ("dry_run", "rows")))
        raw = read_plain(http_request.environ, _SHEET, f"{CSV} or {XLSX}")
        items = _read_rows(raw, task, import_query["rows"])
        if import_query["dry_run"]:
            with service.read_only(state.caller):
                done = run_each(service, task, items, waits_for_events=False)
            return to_response(_import_reply(done, dry_run=True), service)
        digest = request_digest(service, http_request, raw)

        def attempt(waits_for_events: bool) -> StoredResponse:
            work = lambda: _import_rows(service, task, items, waits_for_events)  # noqa: E731
            return service.execute(work, caller=state.caller, key=key, request_digest=digest)

        return to_response(run_when_available(attempt), service)

    return import_


def _read_rows(raw: bytes, task: CommandView, stated: int | None) -> list[BatchItem]:
    """Return the rows, each validated by the schema. Raises Problem 422 for too many, or a number not as stated."""
    form = "csv" if request.mimetype == CSV else "xlsx"
    header, *rows = list(read_sheet(form, raw, MAX_ITEMS + 1)) or [Row(1, ())]
    if len(rows) > MAX_ITEMS:
        raise invalid_value("/rows", "too_many", f"must be at most {MAX_ITEMS} rows")
    if stated is not None and stated != len(rows):
        raise invalid_value("/rows", "other_count", f"{len(rows)} rows received, not {stated}; check the file")
    columns = Header(task.schema, [name.strip() for name in header.cells])
    for row in rows:
        if len(row.cells) > len(columns):
            raise invalid_value(
                f"/rows/{row.number}", "too_many_cells", f"has more cells than the header ({len(columns)})"
            )
    return validate_items(task, ((f"/rows/{row.number}", columns.document(row.cells)) for row in rows))


def _import_rows(service: Service, task: CommandView, items: Sequence[BatchItem], waits_for_events: bool) -> Reply:
    done = run_each(service, task, items, waits_for_events=waits_for_events)
    errors = all_errors(done)
    if errors:
        raise Problem(INVALID, "rows_refused", "Some rows were refused, so none was imported.", errors=errors)
    return _import_reply(done, dry_run=False)


def _import_reply(done: BatchResults, *, dry_run: bool) -> Reply:
    """Return the number of rows and their errors."""
    return Reply(200, {}, encode({"dry_run": dry_run, "rows": len(done), "errors": all_errors(done)}))


def _file_response(name: str, form: str, content: bytes) -> Response:
    media_type = f"{CSV}; charset=utf-8" if form == "csv" else MEDIA_TYPES[form]
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return RawResponse(content, 200, headers)


def _split_parameters(parameters: MultiDict[str, str]) -> tuple[MultiDict[str, str], MultiDict[str, str]]:
    """Return the parameters of the sheet and those of the list: filters and sort, but no paging."""
    own, of_the_list = MultiDict[str, str](), MultiDict[str, str]()
    for name, value in parameters.items(multi=True):
        if name in _PAGING:
            raise invalid_value(f"/{name}", "unknown_field", "is not allowed: an export has no pages")
        (own if name == "format" else of_the_list).add(name, value)
    return own, of_the_list
