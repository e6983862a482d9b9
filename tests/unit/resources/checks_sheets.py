"""Checks of sheets: exports, templates and imports."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shared.sheets.formulas import unescape_formula
from shared.sheets.reader import read_rows
from shared.sheets.writing import MEDIA_TYPES
from tests.unit.resources.bodies import fields_of
from tests.unit.resources.caller import ResourceCaller, Row
from tests.unit.resources.checks_records import refused_pointers
from tests.unit.resources.comparing import content_of

FIRST_ROW = 2

Sheet = list[list[str]]


def exported(caller: ResourceCaller, rule: str = "/export", form: str = "csv", **parameters: str) -> bytes:
    """Return a sheet as it is downloaded."""
    response = caller.query(rule, format=form, **parameters)
    assert response.status_code == 200, response.text
    assert response.content_type.startswith(MEDIA_TYPES[form])
    assert f'.{form}"' in response.headers["Content-Disposition"]
    return response.data  # type: ignore[no-any-return]


def cells_of(content: bytes, form: str = "csv") -> Sheet:
    """Return the cells of a sheet, each row as long as the header."""
    sheet = read_rows(io.BytesIO(content), form)
    rows = [[unescape_formula(cell.text) for cell in row.cells] for row in sheet]
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


def check_export_has_all_rows_and_columns(caller: ResourceCaller) -> None:
    """In both formats: every row of the list in the same order, and every field of the create command."""
    caller.fill()
    column = next(iter(caller.declared.projection.columns))
    for form in MEDIA_TYPES:
        header, *cells = cells_of(exported(caller, form=form, sort=f"-{column}"), form)
        rows = caller.rows(sort=f"-{column}")
        assert {name.partition(".")[0] for name in header} == fields_of(caller.declared.create_schema).keys()
        assert len(cells) == len(rows), f"{form}: {len(cells)} of {len(rows)} rows"
        for row, line in zip(rows, cells, strict=True):
            _check_line(row, dict(zip(header, line, strict=True)))


def check_export_has_the_filtered_rows(caller: ResourceCaller) -> None:
    """An export has the rows that its filter selects."""
    row = caller.fill()[0]
    assert len(cells_of(exported(caller, id=row["id"]))) == FIRST_ROW


def _check_line(row: Row, line: dict[str, str]) -> None:
    for name, cell in line.items():
        value = _value_at(row, name)
        assert _is_in_cell(value, cell), f"{name}: {value!r} is exported as {cell!r}"


def _value_at(row: Any, column: str) -> Any:
    """Return the value of a row that a column such as `contacts.1.name` shows."""
    for part in column.split("."):
        if isinstance(row, list):
            row = row[int(part) - 1] if int(part) <= len(row) else None
        else:
            row = row.get(part) if row else None
    return row


def _is_in_cell(value: Any, cell: str) -> bool:
    if isinstance(value, bool) or value is None:
        return cell == ("" if value is None else str(value).lower())
    return cell == str(value) or Decimal(cell) == Decimal(value)


# -- the list as a sheet


def check_list_as_sheet_has_the_same_rows(caller: ResourceCaller) -> None:
    """In both formats: every row of the list with every member, in the same order, and nothing else."""
    assert len(cells_of(exported(caller, ""))[1:]) == caller.count()
    caller.fill()
    column = next(iter(caller.declared.projection.columns))
    for form in MEDIA_TYPES:
        header, *cells = cells_of(exported(caller, "", form, sort=f"-{column}"), form)
        rows = caller.rows(sort=f"-{column}")
        assert len(cells) == len(rows), f"{form}: {len(cells)} of {len(rows)} rows"
        for row, line in zip(rows, cells, strict=True):
            require_same_values(dict(values_in(row)), dict(zip(header, line, strict=True)))


def check_list_as_sheet_has_the_filtered_rows(caller: ResourceCaller) -> None:
    """A sheet has the rows that its filter selects; it is asked for by its media type as by its format."""
    row = caller.fill()[0]
    column = next(each for each in caller.declared.projection.columns if isinstance(row[each], str))
    only = {column: row[column]}
    expected = [each["id"] for each in caller.rows(**only)]
    content = exported(caller, "", **only)
    assert [cells[0] for cells in cells_of(content)] == ["id", *expected]
    question = f"{caller.declared.path}?{urlencode(only)}"
    assert caller.client.get(question, headers={"Accept": MEDIA_TYPES["csv"]}).data == content


def check_sheet_has_no_pages(caller: ResourceCaller) -> None:
    """A parameter of pages is refused, and not ignored, also if the sheet is asked for by its media type."""
    for name, value in {"limit": "5", "cursor": "x", "count": "true"}.items():
        assert refused_pointers(caller.query(format="csv", **{name: value})) == {f"/{name}"}
    answer = caller.client.get(f"{caller.declared.path}?limit=5", headers={"Accept": MEDIA_TYPES["xlsx"]})
    assert refused_pointers(answer) == {"/limit"}


def values_in(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values in a row by the names of their columns."""
    prefix = f"{name}." if name else ""
    if isinstance(value, dict) and value:
        for inner, each in value.items():
            yield from values_in(each, f"{prefix}{inner}")
    elif isinstance(value, list) and value:
        for place, each in enumerate(value, 1):
            yield from values_in(each, f"{prefix}{place}")
    else:
        yield name, value


def require_same_values(values: dict[str, Any], line: dict[str, str]) -> None:
    """A line of a sheet has these values by column, and no others; each has a column, also one without a value."""
    present = {name: value for name, value in values.items() if value not in (None, [], {})}
    assert {name for name, cell in line.items() if cell} == {name for name, value in present.items() if value != ""}
    for name, value in present.items():
        assert _is_in_cell(value, line[name]), f"{name}: {value!r} is {line[name]!r} in the sheet"
    for name in values.keys() - present.keys():
        assert any(each == name or each.startswith(f"{name}.") for each in line), f"no column for {name}"


# -- templates and imports of sheets (the columns are those of the command that creates)


def check_template_has_only_the_columns(caller: ResourceCaller) -> None:
    """In both formats: one row with every field, the required ones first."""
    fields = fields_of(caller.declared.create_schema)
    caller.fill(1)
    for form in MEDIA_TYPES:
        rows = cells_of(exported(caller, "/template", form), form)
        assert len(rows) == 1, f"the template has {len(rows)} rows"
        names = [name.partition(".")[0] for name in rows[0]]
        assert set(names) == fields.keys()
        assert [fields[name].required for name in names] == sorted(
            (fields[name].required for name in names), reverse=True
        )


def check_import_of_an_export_gives_the_same_rows(caller: ResourceCaller) -> None:
    """A sheet exported from one service and imported into another: the same rows."""
    other = caller.fill_and_twin()
    rows, content = caller.rows(), exported(caller)
    response = other.import_sheet(content, rows=len(rows))
    assert (response.status_code, response.json) == (200, {"dry_run": False, "rows": len(rows), "errors": []})
    assert _contents(other.rows()) == _contents(rows)


def _contents(rows: Sequence[Row]) -> list[str]:
    return sorted(json.dumps(content_of(row), sort_keys=True) for row in rows)


def check_dry_run_stores_nothing(caller: ResourceCaller) -> None:
    """A dry run validates every row; the same sheet can be imported afterwards."""
    other = caller.fill_and_twin()
    rows, content, head = caller.rows(), exported(caller), other.head()
    response = other.import_sheet(content, dry_run="true")
    assert (response.status_code, response.json) == (200, {"dry_run": True, "rows": len(rows), "errors": []})
    assert (other.head(), other.count()) == (head, 0)
    assert other.import_sheet(content).status_code == 200
    assert other.count() == len(rows)


def check_sheet_with_an_invalid_row_is_refused(caller: ResourceCaller) -> None:
    """One invalid row refuses the whole sheet, and names the row and its field; a dry run returns the same errors."""
    other = caller.fill_and_twin(2)
    content, name = _without_required_value(exported(caller), caller)
    expected = {f"/rows/{FIRST_ROW + 1}/{name}"}
    head = other.head()
    assert refused_pointers(other.import_sheet(content)) == expected
    dry = other.import_sheet(content, dry_run="true")
    assert {each["pointer"] for each in dry.json["errors"]} == expected
    assert refused_pointers(other.import_sheet(content, rows="7")) == {"/rows"}
    assert (other.head(), other.count()) == (head, 0)


def _without_required_value(content: bytes, caller: ResourceCaller) -> tuple[bytes, str]:
    """Return the sheet without the first required value of its last row, and the name of that field."""
    header, *cells = cells_of(content)
    required = [name for name, field in fields_of(caller.declared.create_schema).items() if field.required]
    cells[-1][header.index(required[0])] = ""
    file = io.StringIO()
    csv.writer(file).writerows([header, *cells])
    return file.getvalue().encode(), required[0]
