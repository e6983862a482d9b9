"""S01-S16: requests that cannot be parsed or are too large are refused. Nothing is stored."""

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.web.body_limits import MAX_BODY_BYTES, BodyKind
from tests.integration.bad_input.firm import SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused

pytestmark = pytest.mark.usefixtures("nothing_stored")

CUSTOMERS = "/crm/customers"
TARGET = "/api/v1/crm/customers"
GOOD = b'{"code": "X1", "name": "Xaver", "currency": "USD"}'
JSON = "Content-Type: application/json"
TWO_MEBIBYTES = 2 << 20


def customer(**more: Any) -> dict[str, Any]:
    return {"code": "X1", "name": "Xaver", "currency": "USD", **more}


def quickest(ask: Callable[[], Any], times: int = 20) -> tuple[float, Any]:
    """Return the shortest duration, which other work on the machine affects least, and the last response."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer = ask()
        took.append(time.perf_counter() - began)
    return min(took), answer


@pytest.mark.parametrize(
    "body",
    [GOOD[:-5], b"", GOOD.replace(b'"X1"', b"NaN"), GOOD.replace(b'"X1"', b"-Infinity"), GOOD.replace(b"}", b",}")],
    ids=["cut", "empty", "NaN", "Infinity", "trailing comma"],
)
def test_s01_invalid_json_is_refused(desk: GatewayCaller, body: bytes) -> None:
    assert_refused(desk.post(CUSTOMERS, body), 400)


@pytest.mark.parametrize("level", [b"[", b'{"a":'], ids=["arrays", "objects"])
def test_s02_deeply_nested_json_is_refused(desk: GatewayCaller, level: bytes) -> None:
    took, answer = quickest(lambda: desk.post(CUSTOMERS, b'{"name": ' + level * 100_000))
    assert_refused(answer, 400, code="too_deep")
    assert took < 0.05


@pytest.mark.parametrize(
    "body",
    [GOOD.replace(b"}", b', "code": "X2"}'), GOOD.replace(b"}", b', "credit_limit": {"amount": 1, "amount": 1000}}')],
)
def test_s03_a_duplicate_name_is_refused(desk: GatewayCaller, body: bytes) -> None:
    assert "duplicate key" in assert_refused(desk.post(CUSTOMERS, body), 400)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        GOOD.decode().encode("utf-16"), b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"Xaver", b"\xff"),
        GOOD.replace(b"X1", b"\xc0\xaf"),
    ],
    ids=["UTF-16", "byte order mark", "invalid", "overlong"],
)  # fmt: skip
def test_s04_another_character_encoding_is_refused(desk: GatewayCaller, body: bytes) -> None:
    assert_refused(desk.post(CUSTOMERS, body), 400)


@pytest.mark.parametrize(
    "name",
    [b"\\ud800", b"a\\u0000b", "a\u202eb".encode(), "a\u2066b".encode(), ("a" + "\u0301" * 200).encode()],
    ids=["lone surrogate", "NUL", "override", "isolate", "200 marks"],
)
def test_s05_misleading_characters_are_refused(desk: GatewayCaller, name: bytes) -> None:
    assert_refused(desk.post(CUSTOMERS, GOOD.replace(b"Xaver", name)), 422, "/name")


def test_s06_a_stated_length_beyond_the_limit_is_not_read(desk: GatewayCaller) -> None:
    status, headers, _ = desk.send_raw(
        desk.request_head(TARGET, JSON, "Idempotency-Key: s06", f"Content-Length: {TWO_MEBIBYTES}")
    )
    assert (status, headers["connection"]) == (413, "close")


def test_s07_a_chunked_body_beyond_the_limit_is_refused(desk: GatewayCaller) -> None:
    filler = b" " * (64 << 10)
    chunk = b"%x\r\n%s\r\n" % (len(filler), filler)
    head = desk.request_head(TARGET, JSON, "Idempotency-Key: s07", "Transfer-Encoding: chunked")
    whole = b"%x\r\n%s\r\n" % (len(GOOD), GOOD)
    status, _, _ = desk.send_raw(head, whole, *[chunk] * (TWO_MEBIBYTES // len(filler)), b"0\r\n\r\n")
    assert status == 413


SHEET = b"sku,name,unit\r\nS08-1,One,piece\r\nS08-2,Two,piece\r\n"


def test_s08_a_sheet_beyond_the_limit_is_refused(desk: GatewayCaller) -> None:
    filler = b"S08,Many,piece\r\n" * 4_096
    chunk = b"%x\r\n%s\r\n" % (len(filler), filler)
    head = desk.request_head(
        "/api/v1/scm/items/import", "Content-Type: text/csv", "Idempotency-Key: s08", "Transfer-Encoding: chunked"
    )
    too_many = MAX_BODY_BYTES[BodyKind.SHEET] // len(filler) + 1
    status, _, _ = desk.send_raw(head, *[chunk] * too_many, b"0\r\n\r\n")
    assert status == 413


@pytest.mark.parametrize("rows", ["1", "3"])
def test_s08_a_sheet_with_a_wrong_row_count_is_refused(desk: GatewayCaller, rows: str) -> None:
    assert_refused(desk.post(f"/scm/items/import?rows={rows}", SHEET, Content_Type="text/csv"), 422, "/rows")


def test_s08_a_sheet_with_one_wrong_row_is_refused(desk: GatewayCaller) -> None:
    sheet = SHEET + b"S08-3,Three,\r\n"
    assert_refused(desk.post("/scm/items/import", sheet, Content_Type="text/csv"), 422)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b" " * 1_000_000 + GOOD)), ("snappy", GOOD), ("br", GOOD), ("gzip, gzip", GOOD)],
    ids=["bomb", "unknown", "br", "twice"],
)
def test_s09_a_body_with_a_content_encoding_is_refused(desk: GatewayCaller, encoding: str, body: bytes) -> None:
    assert_refused(desk.post(CUSTOMERS, body, Content_Encoding=encoding), 415)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-7", None],
)
def test_s10_a_body_of_another_content_type_is_refused(desk: GatewayCaller, kind: str | None) -> None:
    assert_refused(desk.post(CUSTOMERS, GOOD, Content_Type=kind), 415)


@pytest.mark.parametrize("count", [1_001, 10_001])
def test_s11_too_many_lines_are_refused(desk: GatewayCaller, firm: SampleFirm, count: int) -> None:
    order = firm.order()
    assert_refused(desk.post("/crm/sales-orders", {**order, "lines": order["lines"] * count}), 422, "/lines")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=" + ",".join(["x"] * 500), "/status"),
        ("limit=1000000", "/limit"),
        ("limit=-1", "/limit"),
        ("offset=1e9", "/offset"),
    ],
    ids=["500 values", "limit", "negative limit", "offset"],
)
def test_s11_excessive_list_parameters_are_refused(desk: GatewayCaller, query: str, pointer: str) -> None:
    assert_refused(desk.get(f"/crm/sales-orders?{query}"), 422, pointer)


def test_s11_a_filter_of_10000_ids_exceeds_the_address_limit(desk: GatewayCaller) -> None:
    status, _, _ = desk.send_raw(desk.request_head(f"{TARGET}?id={'x,' * 10_000}", method="GET"))
    assert status == 414


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?q=" + "a" * 9_000, [], 414),
        ("", [f"X-H{each}: 1" for each in range(200)], 431),
        ("", [f"X-Long: {'a' * 100_000}"], 431),
        ("?" + "&".join(["a=1"] * 2_000), [], 400),
    ],
    ids=["9 kB address", "200 headers", "100 kB header", "2000 parameters"],
)
def test_s12_excessive_headers_are_refused(desk: GatewayCaller, query: str, headers: list[str], status: int) -> None:
    assert desk.send_raw(desk.request_head(TARGET + query, *headers, method="GET"))[0] == status


@pytest.mark.parametrize("parts", [1, 100_000])
def test_s13_multipart_bodies_are_refused(desk: GatewayCaller, parts: int) -> None:
    body = b"--x\r\n\r\n" * parts + b"--x--"
    assert_refused(desk.post(CUSTOMERS, body, Content_Type="multipart/form-data; boundary=x"), 415)


SLOW_INPUT = "a" * 50_000 + "!"


@pytest.mark.parametrize(
    "body", [customer(email=SLOW_INPUT), customer(phone="0 " * 25_000 + "!"), customer(name=SLOW_INPUT)], ids=list
)
def test_s14_input_against_regular_expressions_is_refused_quickly(desk: GatewayCaller, body: dict[str, Any]) -> None:
    took, answer = quickest(lambda: desk.post(CUSTOMERS, body))
    assert_refused(answer, 422)
    assert took < 0.1


def test_s14_input_against_the_search_is_answered_quickly(desk: GatewayCaller) -> None:
    took, answer = quickest(lambda: desk.get(f"{CUSTOMERS}?q={'a' * 150}!"))
    assert answer.status_code in (200, 422)
    assert took < 0.1


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1"])
def test_s15_json_without_an_object_is_refused(desk: GatewayCaller, body: bytes) -> None:
    assert_refused(desk.post(CUSTOMERS, body), 422, "")


@pytest.mark.parametrize("unknown", [{"role": "admin"}, {"_version": 9}, {"posted": True}, {"a/b~c": 1}], ids=list)
def test_s16_an_unknown_field_is_refused(desk: GatewayCaller, unknown: dict[str, Any]) -> None:
    (name,) = unknown
    assert_refused(desk.post(CUSTOMERS, customer(**unknown)), 422, "/" + name.replace("~", "~0").replace("/", "~1"))
