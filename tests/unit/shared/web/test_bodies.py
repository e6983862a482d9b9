"""Bodies of requests: strict JSON of limited size and depth, with known fields only."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.testing.web import field_errors
from shared.web.body import MAX_BYTES, canonical_body, parse_json
from shared.web.problems import ProblemError
from tests.cpu_limit import cpu_below
from tests.unit.shared.web.shop import a_note

NOTE = json.dumps(a_note()).encode()


def post_body(caller, body, content_type="application/json", **headers):
    return caller.post("/notes", data=body, headers={"Content-Type": content_type, **headers})


def is_refused(shop, response, status, code):
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.content_type == "application/problem+json"
    assert shop.store.head() == 0
    return True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"code": "N-1", "na', "malformed_json"),
        (b'{"code": NaN}', "malformed_json"),
        (b'{"code": -Infinity}', "malformed_json"),
        (b'{"code": "N-1",}', "malformed_json"),
        (b"   ", "malformed_json"),
        (b'{"code": "a\nb"}', "malformed_json"),
        (b'{"code": "N-1", "code": "N-2"}', "duplicate_key"),
        (b'{"lines": [{"sku": "A", "sku": "B"}]}', "duplicate_key"),
        (NOTE.decode().encode("utf-16"), "not_utf8"),
        (NOTE.decode().encode("utf-16-le"), "malformed_json"),
        (b"\xef\xbb\xbf" + NOTE, "byte_order_mark"),
        (b'{"code": "\xff"}', "not_utf8"),
        (b'{"code": "\xc0\xaf"}', "not_utf8"),
        (b'{"code": "\xed\xa0\x80"}', "not_utf8"),
    ],
)
def test_a_body_that_is_not_strict_json_is_refused(shop, caller, body, code):
    assert is_refused(shop, post_body(caller, body), 400, code)


def test_a_command_with_required_fields_needs_a_body(shop, caller):
    assert is_refused(shop, post_body(caller, b""), 400, "empty_body")


@pytest.mark.parametrize("opening", ["[", '{"a":', "[[],"])
def test_deep_nesting_is_refused_before_parsing(opening):
    closing = {"[": "]", '{"a":': "}", "[[],": "]"}[opening]
    body = (opening * 100_000 + "1" + closing * 100_000).encode()[:MAX_BYTES]
    with cpu_below(0.05), pytest.raises(ProblemError) as problem:
        parse_json(body)
    assert (problem.value.status, problem.value.code) == (400, "too_deep")


def nested(levels):
    return b"[" * levels + b"]" * levels


def test_a_body_has_at_most_32_levels():
    assert parse_json(nested(32)) is not None
    with pytest.raises(ProblemError, match="32 levels"):
        parse_json(nested(33))


def test_mixed_brackets_are_counted_as_levels():
    with pytest.raises(ProblemError, match="32 levels"):
        parse_json(b'[{"a":' * 17 + b"1" + b"}]" * 17)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


TEXTS = st.text(alphabet='[]{}"\\\\a', max_size=6)
WRAPPERS = st.sampled_from(["list", "object", "listed", "named"])


@given(st.lists(st.tuples(WRAPPERS, TEXTS), min_size=28, max_size=36), TEXTS)
def test_levels_are_counted_correctly_for_any_texts(levels, innermost):
    document = innermost
    for wrapper, text in levels:
        siblings = [[text], {text: [text]}]
        document = {
            "list": [document],
            "object": {text: document},
            "listed": [*siblings, document],
            "named": {text: document, text + "a": siblings},
        }[wrapper]
    body = json.dumps(document).encode()
    if depth(document) <= 32:
        assert parse_json(body) == document
    else:
        with pytest.raises(ProblemError, match="32 levels"):
            parse_json(body)


def test_brackets_in_texts_are_not_counted_as_levels():
    text = "[{" * 500 + '\\"' + "[" * 500
    assert parse_json(f'{{"a": "{text}"}}'.encode()) == {"a": "[{" * 500 + '"' + "[" * 500}


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 500_000, b"[" * 40 + b'"' + b"\\" * 900_000, b"[]," * 340_000, b'{"":' * 250_000]
)
def test_a_body_that_slows_down_a_parser_is_refused_fast(body):
    with cpu_below(0.5), pytest.raises(ProblemError):
        parse_json(body)


def test_a_content_length_over_the_limit_is_refused_without_reading(shop, caller):
    body = BytesIO(b" " * (2 * MAX_BYTES))
    response = caller.post(
        "/notes", input_stream=body, content_length=2 * MAX_BYTES, headers={"Content-Type": "application/json"}
    )
    assert is_refused(shop, response, 413, "too_large")
    assert len(body.read()) == 2 * MAX_BYTES


def post_chunked(caller, body):
    return caller.post(
        "/notes",
        input_stream=BytesIO(body),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


def test_a_chunked_body_over_the_limit_is_refused(shop, caller):
    assert is_refused(shop, post_chunked(caller, NOTE + b" " * (2 * MAX_BYTES)), 413, "too_large")


def test_a_chunked_body_within_the_limit_is_accepted(caller):
    assert post_chunked(caller, NOTE + b" " * (MAX_BYTES - len(NOTE))).status_code == 201


def test_a_body_shorter_than_its_content_length_is_refused(shop, caller):
    response = caller.post(
        "/notes",
        input_stream=BytesIO(NOTE),
        headers={"Content-Type": "application/json"},
        environ_overrides={"CONTENT_LENGTH": str(len(NOTE) + 1)},
    )
    assert is_refused(shop, response, 400, "cut")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/jsonx",
        "application/problem+json",
        "",
    ],
)
def test_other_media_types_are_refused(shop, caller, content_type):
    assert is_refused(shop, post_body(caller, NOTE, content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "br", "x-unknown", "identity, gzip"])
def test_encoded_bodies_are_refused(shop, caller, encoding):
    response = post_body(caller, NOTE, **{"Content-Encoding": encoding})
    assert is_refused(shop, response, 415, "unsupported_encoding")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=UTF-8", "Application/JSON"])
def test_json_may_declare_the_charset_utf_8(caller, content_type):
    assert post_body(caller, NOTE, content_type).status_code == 201


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"true", b"1e400"])
def test_a_body_is_an_object(shop, caller, body):
    assert field_errors(post_body(caller, body)) == {"": "not_an_object"}
    assert shop.store.head() == 0


@pytest.mark.parametrize(
    "name",
    ["role", "_version", "posted", "status", "created_by", "approved_by", "number", "balance", "unit_id", "is_system"],
)
def test_an_unknown_field_is_refused_by_name(shop, caller, name):
    assert field_errors(caller.post("/notes", json=a_note(**{name: True}))) == {f"/{name}": "unknown_field"}
    assert shop.store.head() == 0


def test_an_unknown_field_of_a_line_is_refused_too(caller):
    note = a_note()
    note["lines"][0] |= {"a/b~c": 1}
    response = caller.post("/notes", json=note)
    assert field_errors(response) == {"/lines/0/a~1b~0c": "unknown_field"}
    (error,) = response.json["errors"]
    assert error["detail"].startswith("Unknown field. Allowed: ")


def test_an_unknown_field_name_with_a_surrogate_is_escaped_in_the_error(caller):
    assert field_errors(post_body(caller, b'{"\\ud800": 1, "code": "N", "name": "A"}')) == {"/\\ud800": "unknown_field"}


def test_a_long_unknown_field_name_is_shortened_in_the_error(caller):
    (pointer,) = field_errors(caller.post("/notes", json=a_note(**{"x" * 5_000: 1})))
    assert len(pointer) < 100


def test_a_document_has_at_most_a_thousand_lines(caller):
    lines = a_note()["lines"]
    assert caller.post("/notes", json=a_note(lines=lines * 1_000)).status_code == 201
    assert field_errors(caller.post("/notes", json=a_note(lines=lines * 1_001))) == {"/lines": "too_many"}


def test_all_errors_are_reported_at_once_each_with_its_pointer(caller):
    line = {"sku": "", "quantity": "0", "unit_price": {"amount": "x", "currency": "USD"}}
    errors = field_errors(caller.post("/notes", json={"name": 1, "lines": [a_note()["lines"][0], line, 5]}))
    assert errors == {
        "/code": "required",
        "/name": "not_text",
        "/lines/1/sku": "empty",
        "/lines/1/quantity": "out_of_range",
        "/lines/1/unit_price/amount": "not_a_number",
        "/lines/2": "not_an_object",
    }


def test_at_most_a_hundred_errors_are_reported(caller):
    response = caller.post("/notes", json=a_note(lines=[{}] * 1_000))
    assert len(response.json["errors"]) == 100


def test_a_command_without_fields_accepts_none(caller):
    assert field_errors(caller.post("/notes/news", json={"really": True})) == {"/really": "unknown_field"}
    assert caller.post("/notes/news", json={}).status_code == 200
    assert caller.post("/notes/news").status_code == 200


@pytest.mark.case("H9")
def test_the_canonical_form_is_that_of_rfc_8785():
    body = '{"\\ufb33": 1, "\U0001f600": 2, "\u20ac": "\\u000f\\/\\"", "a": [true, null, -0, 10]}'.encode()
    assert canonical_body(body, parse_json(body)).decode() == (
        '{"a":[true,null,0,10],"\u20ac":"\\u000f/\\"","\U0001f600":2,"\ufb33":1}'
    ), "names in the order of UTF-16, as in the example of the standard"


@pytest.mark.case("H9")
@pytest.mark.parametrize("body", [b'{"a": 1e30}', b'{"a": 99999999999999999999}', b'{"a": "\\ud800"}', b""])
def test_a_body_that_has_no_canonical_form_stays_as_it_was_sent(body):
    assert canonical_body(body, parse_json(body) if body else None) == body
