"""Hooks of schemathesis: complete valid requests with existing references, and count every response."""

import atexit
import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import AcceptedNegativeData

from shared.openapi.pages import GROUPS_EXTENSION
from shared.openapi.shapes import TIME_ZONE_FORMAT
from shared.sheets.writing import CSV, XLSX
from shared.texts import TIME_ZONES
from shared.web.replies import JSON
from tests.fuzz.query_rules import with_ends_in_order, with_order_of_groups, without_pages_of_sheets
from tests.fuzz.suite_data import VALID_VALUES, SuiteData

_suite_data = SuiteData(os.environ["SIHE_FUZZ_URL"], os.environ["SIHE_FUZZ_ADMIN"])
MOMENTS = {"version", "position", "at"}
"""Query parameters of which a request may have one."""
OWN_KEY = os.environ["SIHE_FUZZ_KEY"]
OWN_ID = OWN_KEY.split("_")[1]
LAST_DAY = datetime.now(UTC).date() - timedelta(days=2)
"""A day that is over in every time zone."""
DEACTIVATED = ("is deactivated: choose another", "is deactivated: reactivate it or choose another")
OF_WHAT_IS_STORED = ("export them in parts", *DEACTIVATED)
"""Refusals of valid requests: a sheet has no room for so many rows, a stored order names what was deactivated since."""
_response_counts: Counter[tuple[str, str, int]] = Counter()

schemathesis.openapi.format("date", st.dates(date(2020, 1, 1), LAST_DAY).map(str))
schemathesis.openapi.format("iban", st.sampled_from(VALID_VALUES["iban"]))
schemathesis.openapi.format(TIME_ZONE_FORMAT, st.sampled_from(sorted(TIME_ZONES)))
schemathesis.openapi.format("tax-id", st.sampled_from(VALID_VALUES["tax_id"]))
for media_type in (CSV, XLSX):
    schemathesis.openapi.media_type(media_type, st.binary(max_size=100))


def _valid(case: Any) -> bool:
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Document the groups that lists answer, and every field of a row, so that no undocumented field is accepted."""
    _add_answers_with_groups(raw_schema)
    if os.environ.get("SIHE_FUZZ_STRICT"):
        for shape in raw_schema["components"]["schemas"].values():
            if "id" in shape.get("required", ()):
                shape["additionalProperties"] = False


def _add_answers_with_groups(raw_schema: dict[str, Any]) -> None:
    """Let a list answer pages of groups, too, which the document describes apart from its pages of rows."""
    for item in raw_schema["paths"].values():
        answer = item.get("get", {}).get("responses", {}).get("200", {})
        if GROUPS_EXTENSION in answer:
            content = answer["content"][JSON]
            content["schema"] = {"anyOf": [content["schema"], answer[GROUPS_EXTENSION]]}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Complete a valid request with values that no schema describes; never revoke the key of this run."""
    if case.path_parameters.get("key_id", "").replace("-", "") == OWN_ID:
        case.path_parameters["key_id"] = str(uuid4())
    if _valid(case):
        case.path_parameters = _suite_data.path(case.path, case.path_parameters)
        case.query.pop("cursor", None)
        for name in [*case.query.keys() & MOMENTS][1:]:
            del case.query[name]
        if str(case.query.get("known_at", "")).isdecimal():
            case.query["known_at"] = "1"
        if "known_at" in case.query:
            case.query.pop("show", None)
        if "show" in case.query:
            case.query.pop("limit", None)
        case.query = without_pages_of_sheets(case.query)
        case.query = with_order_of_groups(with_ends_in_order(case.query, "from", "to"))
        _set_headers(case)
        _set_body(case)


def _set_headers(case: Any) -> None:
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex
    case.headers.pop("If-Match", None)
    if case.method.upper() == "PATCH":
        case.headers["If-Match"] = _suite_data.version(case.formatted_path.removeprefix("/api/v1/")) or '"1"'


def _set_body(case: Any) -> None:
    if case.path.endswith("/import"):
        case.query.pop("rows", None)
        case.media_type, case.body = CSV, _suite_data.sheet(case.path)
        case.headers["Content-Type"] = CSV
    elif isinstance(case.body, dict):
        case.body = _suite_data.body(case.path, case.body)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """A batch refuses the items that are wrong, each by its own result; some refusals depend on what is stored."""
    if isinstance(failure, AcceptedNegativeData):
        return not (case.path.endswith("/batch") and response.json()["refused"])
    return not (response.status_code == 422 and any(each in response.text for each in OF_WHAT_IS_STORED))


def _of_another(response: Any) -> bool:
    """Return whether schemathesis sent the request without the key of this run; such requests must be refused."""
    return bool(response.request.headers.get("Authorization") != f"Bearer {OWN_KEY}")


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Count the response by operation, kind and status; a deactivated record is not referred to any more."""
    kind = "probe" if _of_another(response) else "valid" if _valid(case) else "invalid"
    _response_counts[case.operation.label, kind, response.status_code] += 1
    collection, _, command = case.path.removeprefix("/api/v1/").partition("/{")
    if command.endswith("/deactivate"):
        _suite_data.forget(collection)


@atexit.register
def _write_counts() -> None:
    rows = [[*each, count] for each, count in _response_counts.items()]
    Path(os.environ["SIHE_FUZZ_COUNTS"]).write_text(json.dumps(rows))
