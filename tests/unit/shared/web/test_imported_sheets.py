"""Sheets as people and programs send them: no row is lost, nothing is guessed, and no file stops the service."""

import io
import resource
import threading
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from shared.sheets.cells import MAX_ROWS, SheetError
from shared.sheets.reader import read_rows
from shared.sheets.writing import XLSX
from shared.testing.web import field_errors
from shared.web import exchange
from tests.unit.shared.web.shop import create_caller
from tests.unit.shared.web.test_sheets import all_notes, import_sheet
from tests.unit.shared.web.workbooks import as_csv, as_xlsx, inline, mutations, raw_xlsx, saved

HEADER = ["code", "name"]
EXCEL = "application/vnd.ms-excel"


def import_xlsx(caller, content, query=""):
    return import_sheet(caller, content, query, XLSX)


def faults(response):
    """Return cell and text of each error of a refused sheet."""
    assert response.status_code in (413, 422), response.text
    return {each.get("cell", each["pointer"]): each["detail"] for each in response.json["errors"]}


# -- kind 10: every row arrives


@pytest.mark.case("B28")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_empty_rows_between_the_records_end_no_sheet(shop, caller, form):
    rows = [row for number in range(1000) for row in ([f"N{number}", "Ann"], [None, None], [])]
    content = as_xlsx(HEADER, *rows) if form == "xlsx" else as_csv(HEADER, *rows)
    response = import_sheet(caller, content, media_type=XLSX if form == "xlsx" else "text/csv")
    assert response.json == {"dry_run": False, "rows": 1000, "errors": []}
    assert shop.store.head() == 1000


@pytest.mark.case("B28")
def test_a_gap_of_many_rows_ends_no_sheet(shop, caller):
    rows = f"<row r='1'>{inline('A1', 'code')}{inline('B1', 'name')}</row>" + "".join(
        f"<row r='{number}'>{inline(f'A{number}', 'N' + str(number))}{inline(f'B{number}', 'Ann')}</row>"
        for number in (2, 5000, 1_048_576)
    )
    assert import_xlsx(caller, raw_xlsx(rows)).json["rows"] == 3
    assert [each["code"] for each in all_notes(shop, caller)] == ["N2", "N5000", "N1048576"]


@pytest.mark.case("B48", "C3")
def test_a_sheet_may_have_five_thousand_rows_and_no_more_than_fifty_thousand(shop, caller):
    assert import_sheet(caller, as_csv(HEADER, *([f"N{number}", "x"] for number in range(5000)))).json["rows"] == 5000
    assert shop.store.head() == 5000
    response = import_sheet(caller, as_csv(HEADER, *([f"M{number}", "x"] for number in range(MAX_ROWS + 1))))
    assert field_errors(response) == {"/file": "too_many"}
    assert "50000" in response.json["detail"]
    assert "Split it into files" in response.json["detail"]
    assert shop.store.head() == 5000


@pytest.mark.case("B48")
def test_a_refused_row_takes_back_only_itself_in_a_large_dry_run(caller):
    rows = [[f"N{number % 3000}", "Ann"] for number in range(3003)]
    errors = import_sheet(caller, as_csv(HEADER, *rows), "?dry_run=true").json["errors"]
    assert [each["cell"] for each in errors] == ["A3002", "A3003", "A3004"]


# -- kind 21: what the spreadsheet made of a cell is not taken as meant


@pytest.mark.case("B56")
@pytest.mark.parametrize(
    ("value", "number_format", "named"),
    [
        (date(2026, 3, 1), "mmm-yy", "date 2026-03-01"),
        (datetime.fromisoformat("2026-03-01T12:30"), "yyyy-mm-dd hh:mm", "date 2026-03-01T12:30:00"),
        (True, "General", "logical value true"),
        ("#N/A", "General", "error #N/A"),
        ("#REF!", "General", "error #REF!"),
        (17, "00000", "number 17"),
        (123456789, "000-00-0000", "number 123456789"),
        (1.1, "0.00", "number 1.1"),
        (1234567890123456789, "0", "number 1234567890123460000"),
        (0.15, "0%", "percentage 15 %"),
        ("=1+1", "General", "formula without a stored result"),
    ],
)
def test_a_cell_that_the_spreadsheet_changed_is_refused_by_its_name(shop, caller, value, number_format, named):
    content = as_xlsx(HEADER, ["A", "Ann"], [value, "Bob"], formats={"A3": number_format})
    (cell, detail), *others = faults(import_xlsx(caller, content)).items()
    assert (cell, others) == ("A3", [])
    assert named in detail
    assert detail.startswith("Cell A3")
    assert shop.store.head() == 0


@pytest.mark.case("B56")
def test_a_date_is_taken_in_a_column_of_dates_and_a_number_in_a_column_of_numbers(shop, caller):
    header = [*HEADER, "taken_on", "lines.1.sku", "lines.1.quantity", "lines.1.unit_price.amount",
              "lines.1.unit_price.currency"]  # fmt: skip
    content = as_xlsx(header, [12345, "Ann", date(2026, 3, 3), 77, 0.1 + 0.2, 12, "USD"], formats={"E2": "000.0"})
    assert import_xlsx(caller, content).json["errors"] == []
    (note,) = all_notes(shop, caller)
    assert (note["code"], note["lines"][0]["sku"], note["lines"][0]["quantity"]) == ("12345", "77", "0.3")


@pytest.mark.case("B56")
def test_the_stored_result_of_a_formula_is_taken(shop, caller):
    rows = (
        f"<row r='1'>{inline('A1', 'code')}{inline('B1', 'name')}</row>"
        "<row r='2'><c r='A2' t='str'><f>\"N-\"&amp;1</f><v>N-1</v></c><c r='B2' t='str'><f>x</f><v>Ann</v></c></row>"
        "<row r='3'><c r='A3'><f>7*6</f><v>42</v></c><c r='B3' t='str'><f>x</f><v>Bob</v></c></row>"
    )
    assert import_xlsx(caller, raw_xlsx(rows)).json["errors"] == []
    assert [each["code"] for each in all_notes(shop, caller)] == ["42", "N-1"]


@pytest.mark.case("B56")
@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "1.23457E+12", "4,00638E+12"])
def test_errors_and_shortened_numbers_in_csv_are_refused(caller, text):
    (detail,) = faults(import_sheet(caller, as_csv(HEADER, ["A", text], separator=";"))).values()
    assert detail.startswith("Cell B2")
    assert text in detail


# -- X4: no file stops the service

BOMBS = {
    "cells": lambda: raw_xlsx("<row r='1'>" + "<c/>" * 5_000_000 + "</row>"),
    "values": lambda: raw_xlsx("".join(f"<row>{'<c><v>1</v></c>' * 499}</row>" for _ in range(6000))),
    "strings": lambda: raw_xlsx("<row r='1'><c t='s'><v>0</v></c></row>", "<si><t>x</t></si>" * 1_500_000),
    "one long string": lambda: raw_xlsx(
        "<row r='1'><c t='s'><v>0</v></c></row>", f"<si><t>{'x' * (25 << 20)}</t></si>"
    ),
    "depth": lambda: raw_xlsx("<a>" * 3_000_000),
    "rows": lambda: raw_xlsx("<row/>" * 4_000_000),
    "one long name": lambda: raw_xlsx(f"<{'x' * (25 << 20)}/>"),
}


@pytest.mark.case("X4")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_that_unpacks_to_much_costs_less_than_two_seconds(caller, bomb):
    content = BOMBS[bomb]()
    assert len(content) < 150_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    response = import_xlsx(caller, content)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert response.status_code in (413, 422), response.text
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.2


@pytest.mark.case("X4")
def test_one_person_has_one_import_at_a_time_and_others_go_on(shop, caller, monkeypatch):
    arrived, go_on = threading.Event(), threading.Event()
    real = exchange.read_sheet

    def read_when_allowed(file, form, charset):
        arrived.set()
        assert go_on.wait(20)
        return real(file, form, charset)

    monkeypatch.setattr(exchange, "read_sheet", read_when_allowed)
    answers = []
    first = threading.Thread(target=lambda: answers.append(import_sheet(caller, as_csv(HEADER, ["A", "Ann"]))))
    first.start()
    assert arrived.wait(20)
    refused = import_sheet(create_caller(shop), as_csv(HEADER, ["B", "Bob"]))
    assert (refused.status_code, refused.json["code"]) == (429, "import_running")
    assert refused.headers["Retry-After"]
    go_on.set()
    assert import_sheet(create_caller(shop, actor="another"), as_csv(HEADER, ["C", "Cem"])).status_code == 200
    first.join()
    assert [each.status_code for each in answers] == [200]
    assert import_sheet(caller, as_csv(HEADER, ["B", "Bob"])).status_code == 200


@pytest.mark.case("X4")
def test_the_service_answers_others_while_a_sheet_is_read(shop, caller):
    content = as_xlsx(HEADER, *([f"N{number}", "Ann"] for number in range(3000)))
    done = threading.Event()

    def import_it():
        import_xlsx(caller, content, "?dry_run=true")
        done.set()

    threading.Thread(target=import_it).start()
    other, answered = create_caller(shop, actor="another"), 0
    while not done.is_set():
        assert other.get("/notes?limit=1").status_code == 200
        answered += not done.is_set()
    assert answered > 3, "requests that were answered before the sheet was read"


# -- X18: a damaged file is refused, whatever is damaged


@pytest.mark.case("X18")
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_thousand_damaged_sheets_are_read_or_refused(form):
    sound = as_xlsx([*HEADER, "taken_on"], *([f"N{n}", f"Ann {n}", date(2026, 3, 3)] for n in range(5)))
    content = sound if form == "xlsx" else as_csv(HEADER, *([f"N{n}", f'Ann; "{n}"'] for n in range(20)))
    refused: list[str] = []
    for damaged in mutations(sound, 1000, 7) if form == "xlsx" else (content[:n] + b'\xff\x00"' for n in range(300)):
        try:
            list(read_rows(io.BytesIO(damaged), form))
        except SheetError as error:
            refused.append(error.detail)
    assert len(refused) > 100
    assert all(detail.endswith(".") for detail in refused)


@pytest.mark.case("X18")
def test_damaged_sheets_never_break_the_service(shop, caller):
    for damaged in mutations(as_xlsx(HEADER, ["A", "Ann"]), 40, 8):
        assert import_xlsx(caller, damaged, "?dry_run=true").status_code in (200, 413, 422)
    assert shop.store.head() == 0


@pytest.mark.case("X18")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        (as_xlsx(HEADER, ["A", "Ann"])[:-200], "not a valid XLSX file"),
        (b"code,name\nA,Ann\n", "not a valid XLSX file"),
        (b"", "not a valid XLSX file"),
    ],
)
def test_a_broken_or_encrypted_workbook_is_refused_with_what_to_do(caller, content, words):
    response = import_xlsx(caller, content)
    assert field_errors(response) == {"/file": "malformed_sheet"}
    assert words in response.json["detail"]
    assert "ave it" in response.json["detail"]


# -- C9, C23, C24, C34: what people send


@pytest.mark.case("C9")
def test_all_wrong_names_of_a_header_are_reported_at_once(caller):
    response = import_sheet(caller, as_csv(["code", "colour", "", "name", "weight", "code"], ["A", "red"]))
    assert {cell: text.split(".")[0] for cell, text in faults(response).items()} == {
        "B1": "Unknown column 'colour'",
        "C1": "Cell C1 has no column name",
        "E1": "Unknown column 'weight'",
        "F1": "is the name of two columns; use each name once",
    }


@pytest.mark.case("C9")
@pytest.mark.parametrize("header", [["Code", "NAME"], [" CODE ", "Name"], ["code", "name"]])
def test_names_of_columns_are_read_in_any_case(shop, caller, header):
    assert import_sheet(caller, as_csv(header, ["A", "Ann"])).json["rows"] == 1
    assert all_notes(shop, caller)[0]["code"] == "A"


@pytest.mark.case("C9")
@pytest.mark.parametrize(("first", "separator"), [("sep=;", ";"), ("SEP=,", ","), ("sep=|", "|"), ('"sep=;"', ";")])
def test_the_line_by_which_excel_states_the_separator_is_understood(caller, first, separator):
    content = f"{first}\r\n".encode() + as_csv(HEADER, ["A", "Ann"], ["!", "Bob"], separator=separator)
    assert faults(import_sheet(caller, content)).keys() == {"A3"}, "rows as Excel numbers them, without that line"


@pytest.mark.case("C23")
def test_an_error_names_row_column_and_cell_as_the_spreadsheet_shows_them(caller):
    header = [
        "name",
        "lines.2.sku",
        "lines.2.quantity",
        "lines.2.unit_price.amount",
        "lines.2.unit_price.currency",
        "code",
    ]
    rows = [[], ["Ann", "A", "0", "1.5555", "USD", "A"], [], ["Bob"], ["forbid", "A", "1", "1", "USD", "A\nB"]]
    response = import_sheet(caller, as_csv(header, *rows))
    assert [(each["pointer"], each["column"], each.get("cell")) for each in response.json["errors"]] == [
        ("/rows/3/lines/0/quantity", "lines.2.quantity", "C3"),
        ("/rows/3/lines/0/unit_price/amount", "lines.2.unit_price.amount", "D3"),
        ("/rows/5/code", "code", "F5"),
        ("/rows/6/code", "code", "F6"),
    ]
    assert "3 of 3 rows were refused" in response.json["detail"]
    assert "numbered as the spreadsheet shows them" in response.json["detail"]


@pytest.mark.case("C24")
@pytest.mark.parametrize("query", ["", "?dry_run=true", "?rows=0"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (as_csv(HEADER), "no rows below it"),
        (as_csv(HEADER, ["", ""]), "no rows below it"),
    ],
)
def test_a_sheet_with_nothing_to_import_is_refused(caller, content, words, query):
    response = import_sheet(caller, content, query)
    assert list(field_errors(response)) == ["/file"]
    assert words in response.text


@pytest.mark.case("C24")
def test_a_workbook_whose_first_page_is_empty_is_refused_with_the_names_of_the_others(caller):
    book = Workbook()
    book.create_sheet("Customers").append(["code"])
    (detail,) = faults(import_xlsx(caller, saved(book))).values()
    assert "'Sheet' is empty" in detail
    assert "'Customers'" in detail


@pytest.mark.case("C24")
def test_a_hidden_first_page_is_skipped(caller):
    book = Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    for row in (HEADER, ["A", "Ann"]):
        (book["Data"] if "Data" in book else book.create_sheet("Data")).append(row)
    assert import_xlsx(caller, saved(book)).json["rows"] == 1


@pytest.mark.case("C34")
@pytest.mark.parametrize(
    ("media_type", "encoding"),
    [
        (EXCEL, "utf-8"), (EXCEL, "utf-8-sig"), ("text/csv", "utf-16"), (EXCEL, "utf-16"), ("text/csv", "utf-8-sig"),
        ("text/csv; charset=windows-1252", "windows-1252"), (f"{EXCEL}; charset=Windows-1252", "windows-1252"),
        ("text/csv; charset=utf-16", "utf-16"), ('text/csv; header=present; charset="UTF-8"', "utf-8"),
    ],
)  # fmt: skip
def test_csv_is_taken_as_the_programs_of_windows_send_it(shop, caller, media_type, encoding):
    content = as_csv(HEADER, ["A", "Søren Größe"]).decode().encode(encoding)
    assert import_sheet(caller, content, media_type=media_type).json["rows"] == 1
    assert all_notes(shop, caller)[0]["name"] == "Søren Größe"


@pytest.mark.case("C34")
def test_csv_in_an_encoding_that_is_not_stated_is_refused_with_how_to_save_it(caller):
    response = import_sheet(caller, as_csv(HEADER, ["A", "Søren"]).decode().encode("windows-1252"))
    assert field_errors(response) == {"/file": "not_utf8"}
    assert "CSV UTF-8" in response.json["detail"]
    assert "charset=windows-1252" in response.json["detail"]


@pytest.mark.case("C34")
def test_a_workbook_may_be_sent_as_any_file_of_excel(caller):
    assert import_sheet(caller, as_xlsx(HEADER, ["A", "Ann"]), media_type=EXCEL).json["rows"] == 1
