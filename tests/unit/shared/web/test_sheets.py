"""Sheets: an export has no formulas and can be imported again unchanged; an import stores all rows or none."""

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from shared.sheets.formulas import escape_formula, unescape_formula
from shared.sheets.reader import read_rows
from shared.sheets.writing import XLSX, write_sheet
from shared.sheets.xlsx_package import MAX_UNPACKED_BYTES
from shared.testing.services import catch_up
from shared.testing.web import field_errors
from shared.web.body_limits import MAX_BODY_BYTES, BodyKind
from tests.unit.shared.web.shop import a_note, create_caller, open_shop

TEMPLATE = [
    "code", "name", "currency", "email", "taken_on", "lines.1.sku", "lines.1.quantity", "lines.1.unit_price.amount",
    "lines.1.unit_price.currency",
]  # fmt: skip


def as_csv(*rows):
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def as_xlsx(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def cells(response):
    assert response.status_code == 200, response.text
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def page_of(response):
    book = load_workbook(io.BytesIO(response.data))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def read_back(form, content):
    rows = read_rows(io.BytesIO(content), form)
    return [[unescape_formula(cell.text) for cell in row.cells] for row in rows]


def import_sheet(caller, content, query="", media_type="text/csv", **headers):
    return caller.post(f"/notes/import{query}", data=content, content_type=media_type, headers=headers)


def all_notes(shop, caller):
    catch_up(shop)
    return caller.get("/notes?sort=code").json["data"]


# -- export


def test_a_template_names_the_fields(caller):
    for form, media_type in (("csv", "text/csv; charset=utf-8"), ("xlsx", XLSX)):
        response = caller.get(f"/notes/template?format={form}")
        assert response.content_type == media_type
        assert response.headers["Content-Disposition"] == f'attachment; filename="notes.{form}"'
        assert (cells(response) if form == "csv" else page_of(response)) == [TEMPLATE]
    assert cells(caller.get("/notes/template")) == [TEMPLATE]
    assert field_errors(caller.get("/notes/template?format=pdf")) == {"/format": "not_one_of"}


def test_an_export_has_the_rows_of_the_list_in_its_order(shop, caller):
    for code in ("A", "B", "C"):
        caller.post("/notes", json=a_note(code=code, email="ann@example.com"))
    catch_up(shop)
    header, *rows = cells(caller.get("/notes/export?sort=-code&code=A,C"))
    assert header == TEMPLATE
    assert [row[0] for row in rows] == ["C", "A"]
    assert rows[0][5:] == ["BOLT-M8", "10", "0.25", "USD"]
    assert rows[0][3] == "ann@example.com"
    assert page_of(caller.get("/notes/export?format=xlsx&code=A"))[1][5:] == ["BOLT-M8", 10, 0.25, "USD"]


def test_an_export_has_columns_for_the_longest_list_of_lines(shop, caller):
    line = a_note()["lines"][0]
    caller.post("/notes", json=a_note(code="A", lines=[line, {**line, "sku": "NUT"}]))
    caller.post("/notes", json=a_note(code="B"))
    catch_up(shop)
    header, first, second = cells(caller.get("/notes/export?sort=code"))
    place = header.index("lines.2.sku")
    assert (first[place], second[place]) == ("NUT", "")


@pytest.mark.parametrize("query", ["limit=3", "cursor=x", "colour=red", "format=csv&format=csv"])
def test_an_export_takes_the_filters_of_a_list_and_has_one_page(caller, query):
    assert list(field_errors(caller.get(f"/notes/export?{query}"))) == [f"/{query.partition('=')[0]}"]


@pytest.mark.case("A10")
@pytest.mark.parametrize("path", ["/notes/export?format=csv", "/notes?format=csv", "/notes?format=xlsx"])
def test_a_sheet_with_too_many_rows_is_refused_and_never_cut_off(shop, caller, monkeypatch, path):
    monkeypatch.setattr("shared.web.sheets.MAX_EXPORTED", 2)
    for code in ("A", "B", "C"):
        caller.post("/notes", json=a_note(code=code))
    catch_up(shop)
    refused = caller.get(path)
    assert field_errors(refused) == {"/format": "too_many"}
    assert "more than 2 rows match; export them in parts" in refused.json["errors"][0]["detail"]
    assert caller.get(f"{path}&code=A,B").status_code == 200


@pytest.mark.case("A10")
@pytest.mark.parametrize(("bound", "least"), [("MAX_EXPORTED_CELLS", 40), ("MAX_EXPORTED_COLUMNS", 20)])
@pytest.mark.parametrize("path", ["/notes/export?format=csv", "/notes?format=csv"])
def test_a_sheet_with_too_many_cells_is_refused(shop, caller, monkeypatch, bound, least, path):
    monkeypatch.setattr(f"shared.web.sheets.{bound}", least)
    line = a_note()["lines"][0]
    caller.post("/notes", json=a_note(code="LONG", lines=[line] * 5))
    caller.post("/notes", json=a_note(code="SHORT"))
    catch_up(shop)
    assert field_errors(caller.get(path)) == {"/format": "too_many"}
    assert caller.get(f"{path}&code=SHORT").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_numbers_keep_all_their_digits_and_their_sign(form):
    exact = [Decimal("-0.05"), -7, Decimal("1234567890123.45"), Decimal("123456789012345678.90"), 10**18, Decimal(0)]
    texts = ["-0.05", "-7", "1234567890123.45", "123456789012345678.90", "1000000000000000000", "0"]
    assert read_back(form, write_sheet(form, [exact, [None, 1]])) == [texts, ["", "1"]]


@pytest.mark.parametrize(
    "text", ["a < b & c > d", '"q" ]]>', " two  spaces ", "\x01\x1f", "_x0041_", "名 称", "\U0001f4a1"]
)
def test_a_workbook_keeps_every_text(text):
    content = write_sheet("xlsx", [["before", None, text, "after"]])
    assert read_back("xlsx", content) == [["before", "", text, "after"]]
    assert load_workbook(io.BytesIO(content)).active["D1"].value == "after"


@pytest.mark.case("A10")
def test_an_erased_person_is_in_no_sheet(shop, caller):
    note = caller.post("/notes", json=a_note(email="ann@example.com")).json
    catch_up(shop)
    assert "ann@example.com" in caller.get("/notes?format=csv").text
    assert "ann@example.com" not in create_caller(shop, roles=("auditor",)).get("/notes?format=csv").text
    caller.post(f"/notes/{note['id']}/erase")
    catch_up(shop)
    erased = caller.get("/notes?format=csv")
    assert (erased.status_code, "ann@example.com" in erased.text) == (200, False)


HOSTILE = [
    "=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "'=1", "''+1", "\tx", "\rx", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1",
    "\u200b=1", " =1", "\u00a0+1", "\ufeff\u202a-1", '"=1"', "\n=1", "\u00ad@x",
]  # fmt: skip
INSIDE = ["x;=1+1", "x\t=1", "x\n=1", "x\r\n-1", "x;\u200b+1", "x; '=1", 'x;"@A1"', "x;\uff1d1", "_x000D_", "a\r\nb"]


@pytest.mark.case("X20")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_a_formula_and_all_texts_are_read_back(form):
    rows = [[text] for text in HOSTILE]
    content = write_sheet(form, rows)
    if form == "csv":
        assert [row[0][0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))] == ["'"] * len(
            HOSTILE
        )
    else:
        assert {cell.data_type for row in load_workbook(io.BytesIO(content)).active for cell in row} == {"s"}
        assert all(cell.value[0] == "'" for row in load_workbook(io.BytesIO(content)).active for cell in row)
    assert read_back(form, content) == rows


@settings(deadline=None)
@example(texts=[";;", ";;"])
@example(texts=[" ", "\u3000"])
@example(texts=INSIDE)
@example(texts=HOSTILE)
@given(texts=st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=5))
def test_every_text_is_read_back_unchanged(texts):
    row = ["begin", *texts, "end"]
    for form in ("csv", "xlsx"):
        assert read_back(form, write_sheet(form, [row])) == [row]


@given(st.text())
def test_no_escaped_text_begins_like_a_formula(text):
    assert not escape_formula(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.case("X20")
@pytest.mark.parametrize("separator", [",", ";", "\t", "\n"])
def test_no_program_that_splits_at_another_separator_finds_a_formula(separator):
    content = write_sheet("csv", [[text, text] for text in HOSTILE + INSIDE]).decode("utf-8-sig")
    for piece in content.replace("\r\n", "\n").replace("\r", "\n").split(separator):
        assert not re.match(r"[\s\"'\u200b\u00ad\ufeff\u202a]*[=+\-@\uff1d\uff0b\uff0d\uff20]", piece.partition("'")[0])


@pytest.mark.case("X20")
def test_every_field_of_a_csv_file_is_quoted():
    lines = write_sheet("csv", [["a", 1, Decimal("2.50"), None, "b,c"]]).decode("utf-8-sig")
    assert lines == '"a","1","2.50","","b,c"\r\n'


@pytest.mark.case("X20")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_names_that_look_like_formulas_survive_an_export_and_an_import(shop, caller, tmp_path_factory, form):
    names = ["=1+1", "x;=1+1", "\uff1dA1", "'-1", "a\n=2", "_x000D_", "+49;+50"]
    for place, name in enumerate(names):
        assert caller.post("/notes", json=a_note(code=f"N{place}", name=name)).status_code == 201
    catch_up(shop)
    exported = caller.get(f"/notes/export?format={form}&sort=code")
    other = open_shop(tmp_path_factory.mktemp("other"))
    there = create_caller(other)
    assert import_sheet(there, exported.data, media_type=exported.content_type).status_code == 200
    assert [row["name"] for row in all_notes(other, there)] == names


def test_texts_are_not_escaped_in_json(shop, caller):
    caller.post("/notes", json=a_note(name="=HYPERLINK(1)"))
    assert all_notes(shop, caller)[0]["name"] == "=HYPERLINK(1)"
    assert cells(caller.get("/notes/export"))[1][1] == "'=HYPERLINK(1)"


# -- import


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_can_be_imported_into_another_shop(shop, caller, tmp_path_factory, form):
    line = a_note()["lines"][0]
    names = {"A": "安 四合", "B": "=1+1", "C": 'Søren, "x"\nnew line'}
    for code, name in names.items():
        caller.post("/notes", json=a_note(code=code, name=name, lines=[line] * len(code), email="ann@example.com"))
    catch_up(shop)
    exported = caller.get(f"/notes/export?format={form}&sort=code")
    other = open_shop(tmp_path_factory.mktemp("other"))
    there = create_caller(other)
    response = import_sheet(there, exported.data, "?rows=3", exported.content_type)
    assert (response.status_code, response.json) == (200, {"dry_run": False, "rows": 3, "errors": []})
    own = {"id", "created_at", "updated_at"}
    here, copied = ([{k: v for k, v in row.items() if k not in own} for row in all_notes(*each)]
                    for each in ((shop, caller), (other, there)))  # fmt: skip
    assert here == copied
    assert [row["name"] for row in copied] == list(names.values())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_of_other_countries_are_accepted_and_blank_rows_ignored(shop, caller, separator):
    content = separator.join(["code", "name"]) + f"\r\nA{separator}Ann\r\n\r\nB{separator}Bob\r\n{separator}\r\n"
    assert import_sheet(caller, content.encode(), "?rows=2").json["rows"] == 2
    assert [row["code"] for row in all_notes(shop, caller)] == ["A", "B"]


def test_numbers_and_dates_of_a_spreadsheet_program_are_accepted(shop, caller):
    header = ["code", "name", "taken_on", *TEMPLATE[5:]]
    content = as_xlsx(header, [17, "Ann", date(2026, 3, 3), "A", 2.5, 0.1, "USD"])
    assert import_sheet(caller, content, media_type=XLSX).json["errors"] == []
    (note,) = all_notes(shop, caller)
    assert (note["code"], note["lines"][0]["quantity"]) == ("17", "2.5")
    assert note["lines"][0]["unit_price"] == {"amount": "0.10", "currency": "USD"}


ROWS = (["code", "name", "lines.1.sku"], ["A", "Ann"], ["!", "Bob"], ["C", ""], ["D", "Dan", "X"], ["A", "Abe"])
ERRORS = {
    "/rows/3/code": "not_a_code",
    "/rows/4/name": "required",
    "/rows/5/lines/0/quantity": "required",
    "/rows/5/lines/0/unit_price": "required",
    "/rows/6/code": "already_taken",
}


def test_every_invalid_row_is_reported_by_its_number_and_no_row_is_imported(shop, caller):
    response = import_sheet(caller, as_csv(*ROWS))
    assert field_errors(response) == ERRORS
    assert response.json["code"] == "rows_refused"
    assert shop.store.head() == 0


def test_a_dry_run_reports_the_same_errors_and_stores_no_event(shop, caller):
    key = {"Idempotency-Key": "the one key"}
    dry_run = import_sheet(caller, as_csv(*ROWS), "?dry_run=true", **key)
    assert dry_run.status_code == 200
    assert {each["pointer"]: each["code"] for each in dry_run.json["errors"]} == ERRORS
    assert (dry_run.json["dry_run"], dry_run.json["rows"]) == (True, 5)
    valid = import_sheet(caller, as_csv(*ROWS[:2]), "?dry_run=true", **key)
    assert valid.json == {"dry_run": True, "rows": 1, "errors": []}
    assert shop.store.head() == 0
    assert import_sheet(caller, as_csv(*ROWS[:2]), **key).status_code == 200
    assert shop.store.head() == 1


def test_an_import_is_executed_once_per_idempotency_key(shop, caller):
    key = {"Idempotency-Key": "the one key"}
    first, again = (import_sheet(caller, as_csv(*ROWS[:2]), **key) for _ in range(2))
    assert (first.status_code, first.data) == (200, again.data)
    assert shop.store.head() == 1
    assert field_errors(import_sheet(caller, as_csv(*ROWS[:2]), "?rows=1", **key)) == {"/Idempotency-Key": "key_reused"}


@pytest.mark.parametrize(
    ("content", "query", "fault"),
    [
        (as_csv(*ROWS[:2]), "?rows=2", {"/rows": "other_count"}),
        (as_csv(*ROWS[:2]), "?rows=-1", {"/rows": "out_of_range"}),
        (as_csv(*ROWS[:2]), "?dry_run=yes", {"/dry_run": "not_one_of"}),
        (as_csv(*ROWS[:2]), "?dryrun=true", {"/dryrun": "unknown_field"}),
        (as_csv(["code", "colour"], ["A", "red"]), "", {"/colour": "unknown_field"}),
        (as_csv(["code", "lines"], ["A", "x"]), "", {"/lines": "unknown_field"}),
        (as_csv(["code", "lines.0.sku"], ["A", "x"]), "", {"/lines.0.sku": "unknown_field"}),
        (as_csv(["code", "lines.1.unit_price"], ["A", "x"]), "", {"/lines.1.unit_price": "unknown_field"}),
        (as_csv(["code", "code"], ["A", "B"]), "", {"/code": "given_twice"}),
        (as_csv(["code"], ["A", "B"]), "", {"/rows/2": "too_many_cells"}),
        (b"", "", {"/file": "empty"}),
        (as_csv(["", ""]), "?dry_run=true", {"/file": "empty"}),
    ],
)
def test_an_invalid_sheet_is_refused(shop, caller, content, query, fault):
    assert field_errors(import_sheet(caller, content, query)) == fault
    assert shop.store.head() == 0


def zip_bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (MAX_UNPACKED_BYTES + 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"code,name\n\xff,x", "text/csv", 422, "not_utf8"),
        (b'code,name\n"A,x', "text/csv", 422, "malformed_sheet"),
        (b"no archive", XLSX, 422, "malformed_sheet"),
        (zip_bomb(), XLSX, 413, "too_large"),
        (b"x" * (MAX_BODY_BYTES[BodyKind.SHEET] + 1), "text/csv", 413, "too_large"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"code", "text/csv; charset=ebcdic", 415, "unsupported_media_type"),
    ],
)
def test_an_unreadable_sheet_is_refused(shop, caller, content, media_type, status, code):
    response = import_sheet(caller, content, media_type=media_type)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert shop.store.head() == 0


def test_a_cell_far_outside_the_table_is_refused_by_its_name(shop, caller):
    book, file = Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "code", "x"
    book.save(file)
    response = import_sheet(caller, file.getvalue(), media_type=XLSX)
    assert field_errors(response) == {"/file": "too_many_columns"}
    assert "XFD1048576" in response.json["detail"]


@pytest.mark.case("X25")
@pytest.mark.parametrize(
    "restricted",
    [{"permissions": ("shop.*:write",)}, {"permissions": (), "own_permissions": ("*",)}, {"only_own": True}],
)
def test_a_dry_run_needs_the_permission_to_read_all_since_it_states_what_is_taken(shop, caller, restricted):
    import_sheet(caller, as_csv(*ROWS[:2]))
    response = import_sheet(create_caller(shop, **restricted), as_csv(*ROWS[:2]), "?dry_run=true")
    assert (response.status_code, response.json["code"]) == (403, "forbidden")
    assert import_sheet(create_caller(shop, permissions=("*:read",)), as_csv(*ROWS[:2]), "?dry_run=true").json["errors"]
