"""S17-S30: invalid values are refused, and special characters are stored unchanged and never interpreted."""

from typing import Any

import pytest

from tests.integration.bad_input.firm import UNKNOWN_ID, SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused
from tests.integration.bad_input.test_parsing import customer, quickest

untouched = pytest.mark.usefixtures("nothing_stored")


def money(amount: Any, currency: Any = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@untouched
@pytest.mark.parametrize(
    "amount",
    ["1_000", "\uff11\uff12", "\u0661\u0662", " 12 ", "1,000.00", "+5", "0x10", "-0", "", ".5", "5.", "01", "12\n"],
)
def test_s17_another_spelling_of_a_number_is_refused(desk: GatewayCaller, amount: str) -> None:
    assert_refused(desk.post("/crm/customers", customer(credit_limit=money(amount))), 422, "/credit_limit/amount")


@untouched
@pytest.mark.parametrize(
    "amount", ["1e1000000", "1e400", "9" * 400, "NaN", "sNaN", "Infinity"], ids=lambda text: text[:12]
)
def test_s18_an_excessive_or_infinite_number_is_refused_quickly(desk: GatewayCaller, amount: str) -> None:
    took, answer = quickest(lambda: desk.post("/crm/customers", customer(credit_limit=money(amount))))
    assert_refused(answer, 422, "/credit_limit/amount")
    assert took < 0.05


@untouched
@pytest.mark.parametrize(
    ("amount", "currency"), [(0.1, "EUR"), (1, "EUR"), ("0.123", "EUR"), ("1.25", "JPY"), (True, "USD"), (None, "USD")]
)
def test_s19_an_inexact_amount_is_refused(desk: GatewayCaller, amount: Any, currency: str) -> None:
    body = customer(currency=currency, credit_limit=money(amount, currency))
    assert_refused(desk.post("/crm/customers", body), 422, "/credit_limit/amount")


@untouched
@pytest.mark.parametrize("currency", [None, "eur", "XXX", "DEM", "US", "", 840], ids=str)
def test_s20_an_invalid_currency_is_refused(desk: GatewayCaller, currency: Any) -> None:
    body = customer() | {"currency": currency}
    assert_refused(
        desk.post("/crm/customers", {name: each for name, each in body.items() if each is not None}), 422, "/currency"
    )


@untouched
def test_s20_two_currencies_in_one_document_are_refused(desk: GatewayCaller, firm: SampleFirm) -> None:
    order = firm.order()
    order["lines"][0]["unit_price"] = money("1.00", "EUR")
    assert_refused(desk.post("/crm/sales-orders", order), 422, "/lines/0/unit_price/currency")
    payment = firm.payment_of("1.00")
    payment["allocations"][0]["amount"] = money("1.00", "EUR")
    assert_refused(desk.post("/erp/payments", payment), 422, "/allocations/0/amount/currency")


@untouched
@pytest.mark.parametrize("quantity", ["0", "-1", "1" + "0" * 30, "0.0000001", "1e3", 1, 1.9], ids=str)
def test_s21_an_invalid_quantity_is_refused(desk: GatewayCaller, firm: SampleFirm, quantity: Any) -> None:
    assert_refused(desk.post("/crm/sales-orders", firm.order(quantity=quantity)), 422, "/lines/0/quantity")
    assert_refused(
        desk.post("/scm/goods-receipts", firm.receipt(firm.purchase, quantity=quantity)), 422, "/lines/0/quantity"
    )


@untouched
@pytest.mark.parametrize(
    "days", ["9223372036854775808", "9007199254740993", "9" * 4_000, "1.0", "1e2"], ids=lambda text: text[:20]
)
def test_s22_an_invalid_integer_is_refused(desk: GatewayCaller, days: str) -> None:
    body = b'{"code": "X1", "name": "Xaver", "currency": "USD", "payment_terms_days": %s}' % days.encode()
    assert_refused(desk.post("/crm/customers", body), 422, "/payment_terms_days")


def side(account: str, which: str, amount: str) -> dict[str, Any]:
    return {"account": account, which: money(amount)}


@untouched
@pytest.mark.parametrize(
    "lines",
    [
        [side("6000", "debit", "10.00"), side("1000", "credit", "9.99")],
        [side("6000", "debit", "10.00")],
        [side("6000", "debit", "10.00") | side("6000", "credit", "10.00"), side("1000", "credit", "10.00")],
        [side("6000", "debit", "0.00"), side("1000", "credit", "0.00")],
        [side("6000", "debit", "10.00"), {"account": "1000", "credit": money("10.00", "EUR")}],
        [{"account": "6000"}, side("1000", "credit", "10.00")],
        [],
    ],
    ids=["a cent too much", "one line", "both sides", "zero", "another currency", "no side", "no lines"],
)
def test_s23_an_unbalanced_entry_is_refused(desk: GatewayCaller, firm: SampleFirm, lines: list[dict[str, Any]]) -> None:
    del firm
    answer = desk.post("/erp/journal-entries", {"posted_on": "2026-03-01", "text": "by hand", "lines": lines})
    assert assert_refused(answer, 422)["errors"][0]["pointer"].startswith("/lines")


@untouched
@pytest.mark.parametrize(
    "form", ["{{{}}}", "urn:uuid:{}", " {}", "{} ", "{}\n"], ids=["braces", "URN", "before", "after", "line"]
)
def test_s24_an_id_in_another_notation_is_refused(desk: GatewayCaller, firm: SampleFirm, form: str) -> None:
    notation = form.format(firm.customer)
    assert_refused(desk.post("/crm/sales-orders", firm.order() | {"customer_id": notation}), 422, "/customer_id")
    assert desk.get(f"/crm/customers/{notation.strip()}").status_code == (
        200 if notation.strip() == firm.customer else 404
    )


def test_s24_an_id_in_capitals_identifies_the_same_object(desk: GatewayCaller, firm: SampleFirm) -> None:
    assert desk.get_json(f"/crm/customers/{firm.customer.upper()}")["id"] == firm.customer
    drafted = desk.command("/crm/sales-orders", firm.order() | {"customer_id": firm.customer.upper()})
    assert drafted["customer_id"] == firm.customer
    desk.suite.wait_until_idle()


@untouched
@pytest.mark.parametrize(
    "day",
    ["0000-01-01", "2026-02-30", "9999-12-31", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", 20260101, "today"],
    ids=str,
)
def test_s25_an_invalid_date_is_refused(desk: GatewayCaller, firm: SampleFirm, day: Any) -> None:
    assert_refused(desk.post("/crm/sales-orders", firm.order(required_on=day)), 422, "/required_on")
    assert_refused(desk.post("/erp/payments", firm.payment_of("1.00") | {"paid_on": day}), 422, "/paid_on")


@untouched
@pytest.mark.parametrize(
    "instant",
    ["2027-01-01T00:00:00", "2027-01-01T00:00:00+23:59", "2027-06-30T23:59:60Z", "9999-12-31T00:00:00Z", "2027-01-01"],
)
def test_s25_an_invalid_timestamp_is_refused(desk: GatewayCaller, instant: str) -> None:
    body = {"name": "short", "roles": ["sales"], "expires_at": instant}
    assert_refused(desk.post("/access/keys", body), 422, "/expires_at")


@untouched
@pytest.mark.parametrize("flag", ["yes", 1, "false", "true", 0, []], ids=repr)
def test_s26_an_invalid_boolean_is_refused(desk: GatewayCaller, flag: Any) -> None:
    body = {"sku": "X1", "name": "Xylophone", "unit": "piece", "discontinued": flag}
    assert_refused(desk.post("/scm/items", body), 422, "/discontinued")


ADDRESS = {"kind": "billing", "street": "Obere Str. 57", "city": "Berlin", "country": "DE"}
WRONG_DIGITS = [
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "XX"}]}, "/addresses/0/country"),
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "Atlantis"}]}, "/addresses/0/country"),
    ("/crm/customers", {"addresses": [ADDRESS], "tax_id": "136695975"}, "/tax_id"),
    ("/crm/customers", {"tax_id": "DE136695975"}, "/tax_id"),
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "CN"}], "tax_id": "91110000600037342L"}, "/tax_id"),
    ("/srm/suppliers", {"addresses": [ADDRESS], "tax_id": "DE136695975"}, "/tax_id"),
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "CL"}], "tax_id": "CL610327\n7"}, "/tax_id"),
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "US"}], "tax_id": "536-90-4399"}, "/tax_id"),
    ("/crm/customers", {"addresses": [ADDRESS | {"country": "\u00df"}]}, "/addresses/0/country"),
    ("/srm/suppliers", {"iban": "DE88370400440532013000"}, "/iban"),
    ("/srm/suppliers", {"iban": "DE8937040044053201300"}, "/iban"),
]


@untouched
@pytest.mark.parametrize(("path", "more", "pointer"), WRONG_DIGITS, ids=str)
def test_s27_wrong_check_digits_are_refused(desk: GatewayCaller, path: str, more: dict[str, Any], pointer: str) -> None:
    assert_refused(desk.post(path, {"code": "S27", "name": "Of nowhere", "currency": "USD", **more}), 422, pointer)


def test_s27_tax_id_iban_and_country_are_stored_in_one_form(desk: GatewayCaller) -> None:
    for place, (country, tax_id, iban) in enumerate((
        ("de", "de 136 695 976", "de89 3704 0044 0532 0130 00"),
        ("Germany", "136695976", "DE89370400440532013000"),
        ("德国", "DE136695976", " DE89 3704 0044 0532 0130 00 "),
    )):  # fmt: skip
        body = {"code": f"S27-{place}", "name": "Once", "currency": "USD", "tax_id": tax_id}
        body["addresses"] = [ADDRESS | {"country": country}]
        for made in (desk.command("/crm/customers", body), desk.command("/srm/suppliers", body | {"iban": iban})):
            assert (made["addresses"][0]["country"], made["tax_id"]) == ("DE", "DE136695976")
        assert made["iban"] == "DE89370400440532013000"
    desk.suite.wait_until_idle()


STRANGE = [
    "=HYPERLINK(\"http://evil.example\")", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "{{7*7}}", "${7*7}",
    "%s%n", "'; DROP TABLE events; --", "../../etc/passwd", "\\r\\nSet-Cookie: a=b", "\u4e2d\u6587 \u2603 \U0001f600",
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_s28_s29_special_characters_are_stored_unchanged(desk: GatewayCaller, firm: SampleFirm, text: str) -> None:
    made = desk.post("/crm/customers", {"code": f"S29-{STRANGE.index(text)}", "name": text, "currency": "USD"})
    assert made.status_code == 201
    shown = desk.get(made.headers["location"].removeprefix("/api/v1"))
    assert shown.json()["name"] == text
    assert shown.headers["content-type"] == "application/json"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in shown.headers
    assert text in [each["name"] for each in desk.get("/crm/customers", params={"q": text}).json()["data"]]
    desk.suite.wait_until_idle()


def test_s28_formulas_in_a_sheet_are_escaped(desk: GatewayCaller, firm: SampleFirm) -> None:
    del firm
    for place, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)")):
        desk.command("/crm/customers", {"code": f"S28-{place}", "name": text, "currency": "USD"})
        assert f"'{text}" in desk.get(f"/crm/customers/export?code=S28-{place}").text
    desk.suite.wait_until_idle()


@untouched
@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: a=b", "a\tb\x07", "a\x1b[31mred"], ids=["CR LF", "bell", "ANSI"])
def test_s29_control_characters_are_not_reflected_in_headers(desk: GatewayCaller, text: str) -> None:
    answer = desk.post("/crm/sales-orders/" + UNKNOWN_ID + "/cancel", {"reason": text})
    assert answer.status_code in (404, 422)
    assert "set-cookie" not in answer.headers


@untouched
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("sort=name);--", "/sort"), ("sort=secret", "/sort"), ("digest=1", "/digest"),
        ("name[like]=a", "/name"), ("cursor=bm8", "/cursor"), ("credit_limit[gte]=' OR 1=1", "/credit_limit"),
    ],
)  # fmt: skip
def test_s30_an_invalid_query_is_refused(desk: GatewayCaller, query: str, pointer: str) -> None:
    assert_refused(desk.get(f"/crm/customers?{query}"), 422, pointer)


def test_s30_a_caller_without_read_access_cannot_sort_the_list(desk: GatewayCaller, firm: SampleFirm) -> None:
    del firm
    keeper = desk.with_new_key("warehouse")
    before = desk.stored_counts()
    assert_refused(keeper.get("/crm/customers?sort=-credit_limit"), 403)
    assert desk.stored_counts() == before
