"""Kinds 10 and 21: no row of a sheet is lost in silence, and nothing that the spreadsheet changed is taken as meant."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from shared.sheets.writing import XLSX
from tests.cases.desk import Desk, open_desk
from tests.unit.shared.web.workbooks import as_csv, as_xlsx, saved

HEADER = ["sku", "name", "unit"]


def load(desk: Desk, path: str, content: bytes, form: str = XLSX) -> Any:
    """Import a sheet into `/scm/items`; the answer."""
    _, service, rest = path.split("/")
    answered = desk.callers[service].client.post(f"/{rest}/import", data=content, content_type=form)
    desk.firm.deliver_all()
    return answered


def cells(answered: Any) -> list[str]:
    """Return the cells at which a sheet was refused."""
    assert answered.status_code == 422, answered.text
    return [each.get("cell", each["pointer"]) for each in answered.json["errors"]]


def skus(desk: Desk) -> list[str]:
    return [each["sku"] for each in desk.rows("/scm/items?sort=sku&limit=200")]


# -- every row arrives


@pytest.mark.case("B28")
def test_a_thousand_items_with_empty_rows_between_them_all_arrive(desk: Desk) -> None:
    rows = [row for number in range(1000) for row in ([f"I-{number}", "Lamp", "piece"], [None, None, None], [])]
    assert load(desk, "/scm/items", as_xlsx(HEADER, *rows)).json == {"dry_run": False, "rows": 1000, "errors": []}
    assert desk.get("/scm/items?limit=1&count=true")["count"] == 1000


CSV_FORMS: dict[str, bytes] = {
    "mark of the encoding, semicolons": "\ufeffsku;name;unit\r\nA;Büro;piece\r\nB;Lamp;piece\r\n".encode(),
    "returns alone": b"sku,name,unit\rA,Lamp,piece\rB,Lamp,piece\r",
    "tabs": b"sku\tname\tunit\nA\tLamp\tpiece\nB\tLamp\tpiece",
    "columns in another order": b"unit,sku,name\npiece,A,Lamp\npiece,B,Lamp\n",
    "separators at the ends": b"sku,name,unit,,\nA,Lamp,piece,,\n,,,,\n\nB,Lamp,piece,,\n",
    "rows that end early": b"sku,name,unit,reorder_point,reorder_to\nA,Lamp,piece\nB,Lamp,piece,,\n",
    "quotes": b'"sku","name","unit"\n"A","Lamp, ""new""","piece"\n"B","Lamp\n","piece"\n',
    "line ends of three kinds": b"sku,name,unit\r\nA,Lamp,piece\rB,Lamp,piece\n",
    "form feeds": b"sku,name,unit\n\x0c\nA,Lamp,piece\n\x0c\nB,Lamp,piece\n",
}


@pytest.mark.case("B28")
@pytest.mark.parametrize("content", CSV_FORMS.values(), ids=CSV_FORMS)
def test_both_rows_of_a_csv_file_arrive_in_whatever_form_it_is(desk: Desk, content: bytes) -> None:
    assert load(desk, "/scm/items", content, "text/csv").json == {"dry_run": False, "rows": 2, "errors": []}
    assert skus(desk) == ["A", "B"]


@pytest.mark.case("B30", "B32")
@pytest.mark.parametrize("around", ["{}\u200b", "\u202a{}\u202c", "\ufeff{}", "{}\u00a0", " {}\u2060 "])
def test_what_cannot_be_seen_in_headers_and_cells_is_left_out(desk: Desk, around: str) -> None:
    rows = [["sku", "name", "unit", "reorder_point", "discontinued"], ["A", "Lamp", "piece", "5", "true"]]
    content = as_csv(*([around.format(each) for each in row] for row in rows))
    assert load(desk, "/scm/items", content, "text/csv").json["errors"] == []
    [item] = desk.rows("/scm/items")
    assert [item[each] for each in rows[0]] == ["A", "Lamp", "piece", "5", True]


def further_sheet(*rows: list[Any], state: str = "visible") -> bytes:
    book = Workbook()
    for each in (HEADER, ["A", "Lamp", "piece"]):
        book.active.append(each)
    more = book.create_sheet("More")
    more.sheet_state = state
    for each in rows:
        more.append(each)
    return saved(book)


@pytest.mark.case("B28")
@pytest.mark.parametrize("header", [HEADER, ["Unit", " sku", "NAME"]])
def test_a_workbook_whose_rows_go_on_in_another_sheet_is_refused(desk: Desk, header: list[str]) -> None:
    refused = load(desk, "/scm/items", further_sheet([], header, ["B", "Lamp", "piece"]))
    assert cells(refused) == ["/file"]
    assert "'More'" in refused.json["detail"]
    assert skus(desk) == []


@pytest.mark.case("B28")
@pytest.mark.parametrize(
    "content",
    [
        further_sheet(HEADER),
        further_sheet(["Notes"], ["ask Ann"]),
        further_sheet(HEADER, ["B", "Lamp", "piece"], state="hidden"),
    ],
    ids=["an empty form", "notes", "hidden"],
)
def test_a_workbook_may_have_other_sheets(desk: Desk, content: bytes) -> None:
    assert load(desk, "/scm/items", content).json["rows"] == 1
    assert skus(desk) == ["A"]


@pytest.mark.case("B28")
@pytest.mark.parametrize(("merged", "refused"), [("A2:A3", ["A3"]), ("B2:C2", ["C2"])])
def test_merged_cells_are_refused_where_their_value_is_missing(desk: Desk, merged: str, refused: list[str]) -> None:
    book = Workbook()
    for each in (HEADER, ["A", "Lamp", "piece"], ["B", "Lamp", "piece"]):
        book.active.append(each)
    book.active.merge_cells(merged)
    assert cells(load(desk, "/scm/items", saved(book))) == refused


# -- what the spreadsheet made of a cell


def item(cell: Any) -> tuple[str, list[str], list[Any]]:
    return "/scm/items", HEADER, [cell, "Lamp", "piece"]


def address(cell: Any) -> tuple[str, list[str], list[Any]]:
    names = ["kind", "street", "city", "country", "postal_code"]
    header = ["code", "name", "currency", *(f"addresses.1.{each}" for each in names)]
    return "/crm/customers", header, ["C1", "Shop", "USD", "billing", "High St", "Leeds", "GB", cell]


def offer(cell: Any) -> tuple[str, list[str], list[Any]]:
    header = ["supplier_id", "sku", "unit_price.amount", "unit_price.currency", "lead_time_days"]
    return "/srm/supplier-items", header, ["3f0c1f8e-5b0a-4c52-9d7e-51e8e5100000", "A", "1", "USD", cell]


CHANGED: list[tuple[Callable[[Any], tuple[str, list[str], list[Any]]], Any, str | None, str]] = [
    (item, date(2026, 3, 1), "mmm-d", "A2"),
    (item, 46082, '[$-409]mmm\\-yy;@', "A2"),
    (item, time(3, 30), "hh:mm", "A2"),
    (item, timedelta(hours=30), "[h]:mm", "A2"),
    (item, 0.5, "# ?/?", "A2"),
    (item, 117, '"SKU-"00000', "A2"),
    (item, 4006381333931 * 1000, "0", "A2"),
    (address, date(2026, 1, 2), "d-mmm", "H2"),
    (address, 1067, "00000", "H2"),
    (offer, date(2026, 3, 1), "yyyy-mm-dd", "E2"),
    (offer, 0.07, "0%", "E2"),
]  # fmt: skip


@pytest.fixture(scope="module")
def empty_desk() -> Iterator[Desk]:
    """Return a desk of tests that store nothing."""
    with open_desk() as desk:
        yield desk


@pytest.mark.case("B56")
@pytest.mark.parametrize(("row", "cell", "number_format", "refused"), CHANGED)
def test_a_cell_that_the_spreadsheet_changed_is_refused_in_every_collection(
    empty_desk: Desk, row: Callable[[Any], Any], cell: Any, number_format: str, refused: str
) -> None:
    path, header, values = row(cell)
    answered = load(empty_desk, path, as_xlsx(header, values, formats={refused: number_format}))
    assert cells(answered) == [refused]
    assert empty_desk.rows(path) == []


@pytest.mark.case("B16")
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (date(1950, 2, 1), "1950-02-01"), ("1950-02-01", "1950-02-01"), (" 2049-12-31\u00a0", "2049-12-31"),
        ("01/02/50", None), ("1.2.1950", None), ("50-02-01", None), ("1950-02-30", None), (18295, None),
    ],
)  # fmt: skip
def test_a_day_of_a_sheet_keeps_its_century_or_is_refused(desk: Desk, cell: Any, expected: str | None) -> None:
    desk.stock_up("A")
    _, header, values = offer(3)
    values[0] = desk.supplier()
    answered = load(desk, "/srm/supplier-items", as_xlsx([*header, "valid_from"], [*values, cell]))
    if expected is None:
        assert cells(answered) == ["F2"]
    else:
        assert answered.json["errors"] == []
    assert [each["valid_from"] for each in desk.rows("/srm/supplier-items")] == ([expected] if expected else [])
