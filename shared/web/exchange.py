"""`GET …/export`, `GET …/template` and `POST …/import`: a collection as a sheet, out and in (CSV and XLSX).

The columns are the fields of the creating command, so what was exported can be imported elsewhere.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from shared.codec import encode
from shared.report import Report
from shared.service import Outcome, Service
from shared.web import fields
from shared.web.answers import Reply, readable, response
from shared.web.body import read_plain
from shared.web.columns import Header, rows_of
from shared.web.commands import Task, idempotency_key, request_digest
from shared.web.lists import Listing, only
from shared.web.many import INVALID, MOST_AT_ONCE, Asked, Done, all_faults, each_alone, judged, once_known
from shared.web.problems import Answer, Problem, now_answered, wrong
from shared.web.questions import see_what_is_committed
from shared.web.schema import Schema
from shared.web.sheet import CSV, MEDIA_TYPES, XLSX, Row, read, written

MOST_EXPORTED = 10_000

_SHEET = re.compile(rf"({re.escape(CSV)}|{re.escape(XLSX)}) *(?:; *charset=\"?utf-8\"? *)?", re.IGNORECASE)
_PAGING = ("limit", "cursor")


class AskSheet(Schema):
    """In which form."""

    format = fields.OneOf(*MEDIA_TYPES, load_default="csv")


class AskImport(Schema):
    """Whether it is only tried, and how many rows the sender says there are."""

    dry_run = fields.Switch(load_default=False)
    rows = fields.Whole(load_default=None)


def templated(name: str, task: Task) -> Callable[[], Response]:
    """The question for an empty sheet."""

    def template() -> Response:
        """A sheet with nothing but its header, to be filled in and imported."""
        form = AskSheet().judged(only(request.args, ("format",)))["format"]
        return _file(name, form, written(form, rows_of([], task.schema)))

    return template


def exported(name: str, task: Task, listing: Listing) -> Callable[[], Response]:
    """The list as a question for a sheet: the same filters, search and order."""

    def export() -> Response:
        """All that the filter finds, as a sheet of the fields that can be imported."""
        service: Service = current_app.extensions["service"]
        own, of_the_list = _parted(request.args)
        form = AskSheet().judged(only(own, ("format",)))["format"]
        query = listing.judged(of_the_list)
        found = _found(service, listing.report, query)
        return _file(name, form, written(form, rows_of(found, task.schema)))

    return export


def _found(service: Service, report: type[Report], query: Any) -> list[dict[str, Any]]:
    see_what_is_committed(service, [report])
    with service.reading(g.caller):
        rows = service.rows_of(report).select(query.where, query.sort, limit=MOST_EXPORTED + 1, q=query.words)
        if len(rows) > MOST_EXPORTED:
            raise wrong("/format", "too_many", f"more than {MOST_EXPORTED} rows: export them in parts, by a filter")
        found: list[dict[str, Any]] = readable(rows, service)
    return found


def importing(task: Task) -> Callable[[], Response]:
    """The creating command done for every row of a sheet, in one unit of work, or for none."""

    def import_() -> Response:
        """Every row of a sheet as a new thing, or none: 422 names what is wrong. A dry run only tells it."""
        service: Service = current_app.extensions["service"]
        asked, known = now_answered()
        key = idempotency_key(asked.environ)
        given = AskImport().judged(only(asked.args, ("dry_run", "rows")))
        raw = read_plain(asked.environ, _SHEET, f"{CSV} or {XLSX}")
        many = _rows_in(raw, task, given["rows"])
        if given["dry_run"]:
            with service.reading(known.caller):
                done = each_alone(service, task, many, patient=False)
            return response(_judgement(done, dry_run=True), service)
        digest = request_digest(service, asked, raw)

        def attempt(patient: bool) -> Outcome:
            work = lambda: _imported(service, task, many, patient)  # noqa: E731
            return service.perform(work, caller=known.caller, key=key, request=digest)

        return response(once_known(attempt), service)

    return import_


def _rows_in(raw: bytes, task: Task, stated: int | None) -> list[Asked]:
    """The rows, each judged by the schema. Problem 422 where they are not as many as was said, or too many."""
    form = "csv" if request.mimetype == CSV else "xlsx"
    header, *rows = list(read(form, raw, MOST_AT_ONCE + 1)) or [Row(1, ())]
    if len(rows) > MOST_AT_ONCE:
        raise wrong("/rows", "too_many", f"may be {MOST_AT_ONCE}")
    if stated is not None and stated != len(rows):
        raise wrong("/rows", "other_count", f"{len(rows)} rows came, not {stated}: was the file cut?")
    columns = Header(task.schema, [name.strip() for name in header.cells])
    for row in rows:
        if len(row.cells) > len(columns):
            raise wrong(f"/rows/{row.number}", "too_many_cells", f"has more cells than the header, {len(columns)}")
    return judged(task, ((f"/rows/{row.number}", columns.document(row.cells)) for row in rows))


def _imported(service: Service, task: Task, many: Sequence[Asked], patient: bool) -> Reply:
    done = each_alone(service, task, many, patient=patient)
    faults = all_faults(done)
    if faults:
        raise Problem(INVALID, "rows_refused", "Some rows are refused, so none is imported.", errors=faults)
    return _judgement(done, dry_run=False)


def _judgement(done: Done, *, dry_run: bool) -> Reply:
    """How many rows there are, and what is wrong with them."""
    return Reply(200, {}, encode({"dry_run": dry_run, "rows": len(done), "errors": all_faults(done)}))


def _file(name: str, form: str, content: bytes) -> Response:
    media_type = f"{CSV}; charset=utf-8" if form == "csv" else MEDIA_TYPES[form]
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Answer(content, 200, headers)


def _parted(asked: MultiDict[str, str]) -> tuple[MultiDict[str, str], MultiDict[str, str]]:
    """What is asked of the sheet, and of the list: its filters and its order, but no page of it."""
    own, of_the_list = MultiDict[str, str](), MultiDict[str, str]()
    for name, value in asked.items(multi=True):
        if name in _PAGING:
            raise wrong(f"/{name}", "unknown_field", "an export has one page")
        (own if name == "format" else of_the_list).add(name, value)
    return own, of_the_list
