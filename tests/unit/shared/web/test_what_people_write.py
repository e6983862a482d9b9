"""What people write and cannot see is taken, through the API of the customers and of the items."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.testing.services import open_service
from shared.testing.web import ApiCaller, field_errors
from tests.unit.crm.caller import BERLIN, MARIA, a_customer
from tests.unit.shared.web.workbooks import XLSX, as_csv, as_xlsx

PARTS = ['NUTS/A4SS/Hex-1/4"UNC', "Cam/4567", "CGJ X7R E1 KIT", "#8-32 (A2)", "R&D: 5+"]


@pytest.fixture
def crm(tmp_path: Path) -> ApiCaller:
    return ApiCaller(open_service(Crm, tmp_path))


@pytest.fixture
def scm(tmp_path: Path) -> ApiCaller:
    return ApiCaller(open_service(Scm, tmp_path))


def customer_with(crm: ApiCaller, **contact: str) -> Any:
    return crm.post("/customers", a_customer(contacts=[{**MARIA, **contact}]))


@pytest.mark.case("B30", "C6")
@pytest.mark.parametrize("code", ["LAMP-1 ", " LAMP-1", "\tLAMP-1\n", "LAMP-1\u00a0", "\u200bLAMP\u00ad-1\ufeff"])
def test_blanks_around_a_code_are_removed_as_those_around_a_name(scm: ApiCaller, code: str) -> None:
    item = scm.post("/items", {"sku": code, "name": " Lamp ", "unit": "piece "})
    assert (item.status_code, item.json["sku"], item.json["name"]) == (201, "LAMP-1", "Lamp")
    assert scm.get("/items/LAMP-1").status_code == 200


@pytest.mark.case("B30")
def test_blanks_around_the_cells_of_a_sheet_are_removed(scm: ApiCaller) -> None:
    header = ["sku ", " name", "unit", "reorder_point", "discontinued"]
    rows = [header, ["L1 ", "Lamp", "piece", " 5 ", " true "], ["", " "]]
    response = scm.client.post("/items/import", data=as_csv(*rows), content_type="text/csv")
    assert response.json == {"dry_run": False, "rows": 1, "errors": []}
    (item,) = scm.get("/items").json["data"]
    assert (item["sku"], item["reorder_point"], item["discontinued"]) == ("L1", "5", True)


AROUND = ["{} ", "\t{}\r\n", "{}\u00a0", "\u200b{}", "\u202a{}\u202c", "{}\ufeff", "\u2066{}\u2069", "\u3000{}\u200e"]


@pytest.mark.case("B30", "B32")
@pytest.mark.parametrize("around", AROUND)
def test_what_cannot_be_seen_around_what_people_copy_is_removed(
    crm: ApiCaller, tmp_path_factory: Any, around: str
) -> None:
    address = {**BERLIN, "country": around.format("Germany")}
    body = a_customer(addresses=[address], tax_id=around.format("DE136695976"), email=around.format("a@example.com"))
    made = crm.post("/customers", {**body, "phone": around.format("+49 30 1234")})
    assert made.status_code == 201, made.text
    assert made.json["addresses"][0]["country"] == "DE"
    copied = {name: made.json[name] for name in ("tax_id", "email", "phone")}
    assert copied == {"tax_id": "DE136695976", "email": "a@example.com", "phone": "+49 30 1234"}
    srm = ApiCaller(open_service(Srm, tmp_path_factory.mktemp("srm")))
    iban = around.format("DE89 3704 0044 0532 0130 00")
    supplier = srm.post("/suppliers", {"code": around.format("S1"), "name": "Firm", "currency": "USD", "iban": iban})
    assert (supplier.status_code, supplier.json["iban"]) == (201, "DE89370400440532013000")


@pytest.mark.case("B30")
@pytest.mark.parametrize("around", AROUND)
def test_what_cannot_be_seen_around_the_values_of_a_query_is_removed(crm: ApiCaller, around: str) -> None:
    assert crm.post("/customers", a_customer(name="Alfreds")).status_code == 201
    for column, value in (("code", "ALFKI"), ("name", "Alfreds"), ("q", "alfreds")):
        found = crm.get(f"/customers?{column}={quote(around.format(value))}")
        assert [each["code"] for each in found.json["data"]] == ["ALFKI"], column


@pytest.mark.case("B32", "C5")
@pytest.mark.parametrize(
    ("phone", "kept"),
    [
        ("\u202a+49 30 0074321\u202c", "+49 30 0074321"), ("\u202d030-0074321\u202c", "030-0074321"),
        ("+49\u00a030\u202f0074321", "+49 30 0074321"), ("030\u20110074321", "030-0074321"),
        ("+49\u200e 30 0074321", "+49 30 0074321"), ("\uff10\uff13\uff10\u2013\uff17\uff14\uff13\uff12", "030-7432"),
        ("+1 555 123 4567 ext. 12", "+1 555 123 4567 x12"), ("030 1234;ext=5", "030 1234 x5"),
        ("\u0660\u0663\u0660 \u0661\u0662\u0663\u0664", "030 1234"), ("010 1234\u8f6c8", "010 1234 x8"),
    ],
)  # fmt: skip
def test_a_telephone_number_copied_from_another_program_is_taken_as_it_is_seen(
    crm: ApiCaller, phone: str, kept: str
) -> None:
    response = customer_with(crm, phone=phone)
    assert response.status_code == 201, response.text
    assert response.json["contacts"][0]["phone"] == kept


@pytest.mark.case("B32")
@pytest.mark.parametrize("around", ["\u202a{}\u202c", "\u200b{}\u200b", "\ufeff {}", "{}\u00a0"])
def test_what_cannot_be_seen_around_a_name_an_address_or_a_code_is_removed(crm: ApiCaller, around: str) -> None:
    body = a_customer(code=around.format("ALFKI"), name=around.format("Alfreds Futterkiste"))
    body["contacts"] = [{**MARIA, "email": around.format("maria@example.com")}]
    made = crm.post("/customers", body)
    assert made.status_code == 201, made.text
    assert (made.json["code"], made.json["name"]) == ("ALFKI", "Alfreds Futterkiste")
    assert made.json["contacts"][0]["email"] == "maria@example.com"


@pytest.mark.case("C5")
def test_a_character_that_may_deceive_is_refused_by_its_name_and_place(crm: ApiCaller) -> None:
    response = crm.post("/customers", a_customer(name=" Alfreds \u202egnp"))
    assert field_errors(response) == {"/name": "unfit_character"}
    detail = response.json["errors"][0]["detail"]
    assert detail == "must not contain the character U+202E (right-to-left override); remove it at position 10"


@pytest.mark.case("C6")
def test_a_character_that_no_code_has_is_named_with_its_place(scm: ApiCaller) -> None:
    response = scm.post("/items", {"sku": "Ma\u00df-1", "name": "Tape", "unit": "piece"})
    assert field_errors(response) == {"/sku": "not_a_code"}
    assert "U+00DF (latin small letter sharp s) at position 3" in response.json["errors"][0]["detail"]


@pytest.mark.case("B32")
@pytest.mark.parametrize(
    "email",
    [
        "info@xn--mller-kva.de", "user@example.xn--p1ai", "a@b.xn--vermgensberater-ctb", "用户@例子.公司",
        "अजय@डाटा.भारत", "jürgen@müller.de", "квіточка@пошта.укр", "o'hara+x@mail.example.co.uk",
    ],
)  # fmt: skip
def test_an_internationalised_address_is_taken_in_both_of_its_forms(crm: ApiCaller, email: str) -> None:
    response = customer_with(crm, email=email)
    assert response.status_code == 201, response.text
    assert response.json["contacts"][0]["email"] == email


@pytest.mark.case("B35")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States of America", "US"), ("Hong Kong", "HK"), ("Great Britain", "GB"), ("Ivory Coast", "CI"),
        ("england", "GB"), ("Czechia", "CZ"), ("U.A.E.", "AE"), ("Korea", "KR"), ("XK", "XK"), ("Kosovo", "XK"),
        ("\u963f\u8054\u914b", "AE"), ("\u5927\u97e9\u6c11\u56fd", "KR"), ("\u4e2d\u56fd\u9999\u6e2f", "HK"),
        ("RSA", "ZA"), ("\u010cesko", "CZ"),
    ],
)  # fmt: skip
def test_an_address_is_in_the_country_that_people_name(crm: ApiCaller, name: str, code: str) -> None:
    made = crm.post("/customers", a_customer(addresses=[{**BERLIN, "country": name}]))
    assert made.status_code == 201, made.text
    assert made.json["addresses"][0]["country"] == code


@pytest.mark.case("B59")
@pytest.mark.parametrize("sku", PARTS)
def test_an_item_with_the_number_of_its_maker_is_found_by_number_id_search_and_sheet(scm: ApiCaller, sku: str) -> None:
    made = scm.post("/items", {"sku": sku, "name": "Part", "unit": "piece"})
    assert (made.status_code, made.json["sku"]) == (201, sku)
    assert scm.get(made.headers["Location"].removeprefix("/api/v1/scm")).json["sku"] == sku
    assert scm.get(f"/items/{made.json['id']}").json["sku"] == sku
    for query in (f"sku={quote(sku)}", f"sku[eq]={quote(sku)}", f"q={quote(sku)}", f"sku={quote(sku)},A"):
        assert [each["sku"] for each in scm.get(f"/items?{query}").json["data"]] == [sku], query
    if "/" not in sku:
        assert scm.get(f"/items/{quote(sku)}").json["id"] == made.json["id"]
    changed = scm.patch(f"/items/{made.json['id']}", {"name": "Part 2"}, 1)
    assert changed.json["name"] == "Part 2"
    again = scm.post("/items", {"sku": sku.lower(), "name": "Part", "unit": "piece"})
    assert again.status_code == 409


@pytest.mark.case("B59")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_numbers_of_makers_survive_an_export_and_an_import(tmp_path_factory: Any, form: str) -> None:
    here, there = (ApiCaller(open_service(Scm, tmp_path_factory.mktemp(each))) for each in ("here", "there"))
    rows = [["sku", "name", "unit"], *([each, "Part", "piece"] for each in PARTS)]
    content = as_xlsx(*rows) if form == "xlsx" else as_csv(*rows)
    media_type = XLSX if form == "xlsx" else "text/csv"
    assert here.client.post("/items/import", data=content, content_type=media_type).json["errors"] == []
    exported = here.get(f"/items/export?format={form}").data
    assert there.client.post("/items/import", data=exported, content_type=media_type).json["rows"] == len(PARTS)
    assert {each["sku"] for each in there.get("/items").json["data"]} == set(PARTS)


@pytest.mark.case("C16")
def test_records_named_by_code_in_the_path_are_found_as_the_answer_advises(
    scm: ApiCaller, crm: ApiCaller, tmp_path_factory: Any
) -> None:
    scm.post("/carriers", {"code": "DHL", "name": "DHL"})
    advice = scm.get("/carriers/DHL")
    assert advice.status_code == 404
    address = advice.json["detail"].rpartition("GET ")[2]
    assert scm.get(address.removeprefix("/api/v1/scm")).json["data"][0]["name"] == "DHL"
    erp = ApiCaller(open_service(Erp, tmp_path_factory.mktemp("erp")))
    assert erp.get("/invoices/7").json["detail"].endswith("GET /api/v1/erp/invoices?number=7")
    assert erp.get("/bills/2026-117").json["detail"].endswith("GET /api/v1/erp/bills?number=2026-117")
    assert erp.get("/invoices?number=7").status_code == 200
    assert crm.get("/customers/ALFKI").json["detail"].endswith("GET /api/v1/crm/customers?code=ALFKI")
    assert crm.get("/sales-orders/SO-12").json["detail"].endswith("GET /api/v1/crm/sales-orders?number=SO-12")


@pytest.mark.case("C4")
def test_a_code_in_use_is_named_as_people_call_it(scm: ApiCaller, crm: ApiCaller) -> None:
    for _ in range(2):
        item = scm.post("/items", {"sku": "D1", "name": "Part", "unit": "piece"})
        carrier = scm.post("/carriers", {"code": "dhl", "name": "DHL"})
        customer = crm.post("/customers", a_customer())
    assert item.json["detail"] == "item SKU D1 is already in use: choose another"
    assert carrier.json["detail"] == "carrier code dhl is already in use: choose another"
    assert customer.json["detail"] == "customer code ALFKI is already in use: choose another"


NAMES_IN_ORDER = ["alpha", "\u00c4rzte", "beta", "\u00c9mile", "Gro\u00dfe", "Ilgaz", "\uff3aeta"]


@pytest.mark.case("B22", "B24", "C31")
def test_names_are_found_and_sorted_as_people_read_them(crm: ApiCaller) -> None:
    for place, name in enumerate(reversed(NAMES_IN_ORDER)):
        assert crm.post("/customers", a_customer(code=f"C{place + 4}", name=name)).status_code == 201
    assert [each["name"] for each in crm.get("/customers?sort=name").json["data"]] == NAMES_IN_ORDER
    codes = [each["code"] for each in crm.get("/customers?sort=code").json["data"]]
    assert codes == ["C4", "C5", "C6", "C7", "C8", "C9", "C10"]
    for written, name in (
        ("grosse", "Gro\u00dfe"), ("GROSSE", "Gro\u00dfe"), ("emile", "\u00c9mile"), ("E\u0301mile", "\u00c9mile"),
        ("zeta", "\uff3aeta"), ("ilgaz", "Ilgaz"), ("\u0131lgaz", "Ilgaz"), ("\u0130lgaz", "Ilgaz"),
        ("arzte", "\u00c4rzte"),
    ):  # fmt: skip
        for query in (f"q={quote(written)}", f"name={quote(written)}"):
            found = crm.get(f"/customers?{query}").json["data"]
            assert [each["name"] for each in found] == [name], query


@pytest.mark.case("B22")
@pytest.mark.parametrize("asked", ["Caf\u00e9", "Cafe\u0301", "cafe", "CAF\u00c9", "\uff23\uff21\uff26\uff25"])
def test_a_name_in_two_unicode_forms_is_one_name(crm: ApiCaller, asked: str) -> None:
    for code, name in (("ONE", "Caf\u00e9"), ("TWO", "Cafe\u0301"), ("THREE", "Caffe")):
        assert crm.post("/customers", a_customer(code=code, name=name)).status_code == 201
    for query in (f"q={quote(asked)}", f"name={quote(asked)}"):
        found = crm.get(f"/customers?{query}&sort=code").json["data"]
        assert [each["code"] for each in found] == ["ONE", "TWO"], query


@pytest.mark.case("B22")
@pytest.mark.parametrize(
    ("first", "second", "typed"),
    [
        ("\u30cf\u30b9", "\u30d0\u30b9", "\uff8a\uff9e\uff7d"),
        ("\u0915\u0932", "\u0915\u0941\u0932", "\u0915\u0941\u0932"),
        ("\u0e21\u0e32", "\u0e21\u0e49\u0e32", "\u0e21\u0e49\u0e32"), ("\ud55c", "\ud558", "\u1112\u1161"),
    ],
    ids=["Japanese", "Hindi", "Thai", "Korean"],
)  # fmt: skip
def test_marks_that_make_another_letter_are_no_accents(crm: ApiCaller, first: str, second: str, typed: str) -> None:
    for code, name in (("ONE", first), ("TWO", second)):
        assert crm.post("/customers", a_customer(code=code, name=name)).status_code == 201
    for asked, code in ((first, "ONE"), (typed, "TWO")):
        assert [each["code"] for each in crm.get(f"/customers?name={quote(asked)}").json["data"]] == [code]


RECORDS: dict[str, Any] = {
    "/items": lambda code, name: {"sku": code, "name": name, "unit": "piece"},
    "/warehouses": lambda code, name: {"code": code, "name": name},
    "/carriers": lambda code, name: {"code": code, "name": name},
    "/suppliers": lambda code, name: {"code": code, "name": name, "currency": "USD"},
    "/customers": lambda code, name: a_customer(code=code, name=name),
}
IN_ORDER = [
    "\u00c6ther", "aether 2", "Aether 10", "\u0110or\u0111e", "\u0130stanbul", "istanbul 2",
    "\uff2c\uff41\uff4d\uff50 9", "lamp 10", "\u0141\u00f3d\u017a", "\u00d8re", "\u0160koda", "skoda b",
    "stra\u00dfe 2", "STRASSE 10", "\u0391\u03b8\u03ae\u03bd\u03b1", "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\u4e0a\u6d77",
]  # fmt: skip


@pytest.mark.case("B22", "B24")
@pytest.mark.parametrize("path", RECORDS)
def test_names_in_other_lists_and_scripts_are_sorted_and_found_as_people_read_them(tmp_path: Path, path: str) -> None:
    kind = Crm if path == "/customers" else Srm if path == "/suppliers" else Scm
    caller = ApiCaller(open_service(kind, tmp_path))
    for place, name in enumerate(reversed(IN_ORDER)):
        assert caller.post(path, RECORDS[path](f"R{place}", name)).status_code == 201
    assert [each["name"] for each in caller.get(f"{path}?sort=name").json["data"]] == IN_ORDER
    assert [each["name"] for each in caller.get(f"{path}?sort=-name").json["data"]] == IN_ORDER[::-1]
    for written, name in (
        ("AETHER", "\u00c6ther"), ("dorde", "\u0110or\u0111e"), ("ISTANBUL", "\u0130stanbul"),
        ("LAMP 9", "\uff2c\uff41\uff4d\uff50 9"), ("lodz", "\u0141\u00f3d\u017a"), ("ORE", "\u00d8re"),
        ("STRASSE 2", "stra\u00dfe 2"), ("\u0391\u0398\u0397\u039d\u0391", "\u0391\u03b8\u03ae\u03bd\u03b1"),
        ("\u041c\u041e\u0421\u041a\u0412\u0410", "\u041c\u043e\u0441\u043a\u0432\u0430"),
        ("\u4e0a\u6d77", "\u4e0a\u6d77"),
    ):  # fmt: skip
        found = caller.get(f"{path}?name={quote(written)}").json["data"]
        assert [each["name"] for each in found] == [name], written


@pytest.mark.case("B26")
@pytest.mark.parametrize("path", RECORDS)
def test_a_code_is_found_in_any_case_and_differs_by_its_zeros(tmp_path: Path, path: str) -> None:
    kind = Crm if path == "/customers" else Srm if path == "/suppliers" else Scm
    caller = ApiCaller(open_service(kind, tmp_path))
    code = "sku" if path == "/items" else "code"
    for each in ("Ab-7", "Ab-07", "Ab-007", "Ab-70"):
        assert caller.post(path, RECORDS[path](each, "One")).status_code == 201
    for asked, expected in (
        ("AB-7", ["Ab-7"]), ("ab-07", ["Ab-07"]), ("aB-007,AB-70", ["Ab-007", "Ab-70"]), ("\uff21\uff22-7", ["Ab-7"])
    ):  # fmt: skip
        found = caller.get(f"{path}?{code}={quote(asked)}&sort={code}").json["data"]
        assert [each[code] for each in found] == expected, asked
    assert caller.post(path, RECORDS[path]("AB-07", "Two")).status_code == 409


@pytest.mark.case("C31")
def test_purchase_orders_and_suppliers_sort_by_the_numbers_in_their_codes(tmp_path: Path) -> None:
    srm = ApiCaller(open_service(Srm, tmp_path))
    for code in ("S10", "S2", "s1", "S100"):
        assert srm.post("/suppliers", {"code": code, "name": "Firm", "currency": "USD"}).status_code == 201
    assert [each["code"] for each in srm.get("/suppliers?sort=code").json["data"]] == ["s1", "S2", "S10", "S100"]


@pytest.mark.case("B26")
@pytest.mark.parametrize("again", ["LAMP1", "lamp1", " Lamp1 ", "La\u200bmp1"])
def test_a_code_in_another_spelling_is_in_use(scm: ApiCaller, again: str) -> None:
    assert scm.post("/items", {"sku": "Lamp1", "name": "Lamp", "unit": "piece"}).status_code == 201
    refused = scm.post("/items", {"sku": again, "name": "Lamp", "unit": "piece"})
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert "Lamp1" in refused.json["detail"]
