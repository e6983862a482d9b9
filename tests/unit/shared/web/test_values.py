"""Ids, dates, flags, choices, lists and objects: what each kind of field accepts, and their spelling."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from marshmallow import ValidationError

from shared.web import ProblemError, Schema, fields
from tests.unit.shared.web.field_results import codes, is_accepted

ID = "6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000"


@pytest.mark.parametrize(
    "spelling",
    [f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), f" {ID}", f"{ID}\n", ID[:-1], ID + "0", "x" * 36, 1],
)
def test_an_id_has_one_spelling(spelling):
    assert codes(fields.Id(), spelling) in ("not_an_id", "not_text")


def test_an_id_in_upper_case_is_the_same_id():
    assert fields.Id().deserialize(ID.upper()) == UUID(ID)


@pytest.mark.parametrize(
    "day",
    ["0000-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "2026-02-30", "2025-02-29", "20260131", "2026-W05-6",
     "2026-1-31", "31.01.2026", "２０２６-01-31", "2026-01-31 ", "2026-01-31T00:00:00Z", "", 20260131],
)  # fmt: skip
def test_a_date_has_one_spelling(day):
    assert codes(fields.Date(), day) in ("not_a_date", "not_text")
    assert codes(fields.EffectiveOn(), day) in ("not_a_date", "not_text")


def test_dates_are_parsed():
    assert fields.Date().deserialize("2024-02-29") == date(2024, 2, 29)
    assert fields.Date().deserialize("1900-01-01") == date(1900, 1, 1)
    assert fields.Date().deserialize("2199-12-31") == date(2199, 12, 31)


@pytest.mark.parametrize(
    "instant",
    ["2026-01-31T12:00:00", "2026-01-31T12:00:00+23:59", "2026-12-31T23:59:60Z", "2026-01-31T25:00:00Z", "2026-01-31",
     "2026-01-31 12:00:00Z", "0001-01-01T00:00:00Z", "2026-02-30T12:00:00Z"],
)  # fmt: skip
def test_an_instant_requires_a_time_zone(instant):
    assert codes(fields.Instant(), instant) == "not_an_instant"


def test_instants_are_converted_to_utc():
    assert fields.Instant().deserialize("2026-01-31T12:00:00.5+02:00") == datetime(2026, 1, 31, 10, 0, 0, 500_000, UTC)


@pytest.mark.parametrize("flag", ["yes", "true", "false", 1, 0, "1", "", []])
def test_a_flag_is_true_or_false(flag):
    assert codes(fields.Flag(), flag) == "not_a_flag"
    assert fields.Flag().deserialize(False) is False


def test_a_flag_may_have_only_one_value():
    field = fields.Flag(only=False)
    assert field.deserialize(False) is False
    assert (codes(field, True), codes(field, "yes")) == ("not_one_of", "not_a_flag")
    assert field.shape == {"type": "boolean", "const": False}


def test_a_choice_accepts_only_its_options():
    field = fields.OneOf("allow", "refuse")
    assert field.deserialize("allow") == "allow"
    assert codes(field, "Allow") == "not_one_of"
    assert codes(field, True) == "not_text"


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules", "posix/UTC", "right/UTC", "Berlin"])
def test_a_time_zone_has_the_same_meaning_everywhere(zone):
    assert codes(fields.TimeZone(), zone) == "not_a_time_zone"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Shanghai", "UTC", "Etc/GMT+5", "PRC"])
def test_time_zones_of_the_iana_database_are_accepted(zone):
    assert fields.TimeZone().deserialize(zone) == zone


def test_a_list_has_bounds():
    field = fields.List(fields.WholeNumber(), min=1, max=3)
    assert field.deserialize([1, 2, 3]) == (1, 2, 3)
    assert codes(field, []) == "empty"
    assert codes(field, [1] * 4) == "too_many"
    assert codes(field, "123") == "not_a_list"
    assert codes(field, {"0": 1}) == "not_a_list"


class Inner(Schema):
    count = fields.WholeNumber(required=True)


class Outer(Schema):
    counts = fields.List(fields.WholeNumber(), required=True)
    inner = fields.Nested(Inner, required=True)
    loose = fields.Nested(Inner, allow_none=True)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, {"/counts": "required", "/inner": "required"}),
        ({"counts": None, "inner": None}, {"/counts": "null", "/inner": "null"}),
        ({"counts": {}, "inner": []}, {"/counts": "not_a_list", "/inner": "not_an_object"}),
        (
            {"counts": [1, "x", None], "inner": {}},
            {"/counts/1": "not_an_integer", "/counts/2": "null", "/inner/count": "required"},
        ),
        ({"counts": [1], "inner": {"count": 1, "more": 1}}, {"/inner/more": "unknown_field"}),
    ],
)
def test_lists_and_objects_are_validated_like_values(document, expected):
    with pytest.raises(ProblemError) as problem:
        Outer().parse(document)
    assert {each["pointer"]: each["code"] for each in problem.value.errors} == expected


def test_lists_and_objects_have_the_messages_of_values():
    with pytest.raises(ProblemError) as problem:
        Outer().parse({"counts": None})
    assert {each["pointer"]: each["detail"] for each in problem.value.errors} == {
        "/counts": "must not be null",
        "/inner": "is required",
    }


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ({"counts": [1]}, "One value is invalid."),
        ({"counts": []}, "One value is invalid."),
        ({}, "Some values are invalid."),
    ],
)
def test_a_refusal_states_whether_one_value_is_invalid_or_several(document, detail):
    with pytest.raises(ProblemError) as problem:
        Outer().parse(document)
    assert problem.value.detail == detail


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        (fields.Quantity(), 5, 'must be a text such as "5", because JSON numbers lose decimals'),
        (
            fields.Code(),
            "É",
            "such as A-100; it has the character U+00C9 (latin capital letter e with acute) at position 1",
        ),
        (fields.Phone(), "call me", "such as +49 30 901820"),
        (fields.Currency(), "usd", "in capital letters, such as USD"),
        (fields.TimeZone(), "Berlin", "such as Europe/Berlin"),
        (fields.Iban(), "DE00", "must be an IBAN with valid check digits"),
    ],
)
def test_a_message_shows_the_form_that_is_accepted(field, value, detail):
    with pytest.raises(ValidationError) as refused:
        field.deserialize(value)
    assert refused.value.messages[0].endswith(detail)


def test_only_the_given_fields_are_returned():
    given = {"counts": [1], "inner": {"count": 2}, "loose": None}
    assert Outer().parse(given) == given | {"counts": (1,)}
    assert Outer().parse({"counts": [], "inner": {"count": 2}}) == {"counts": (), "inner": {"count": 2}}


@pytest.mark.parametrize("zone", ["Z", "+00:00", "-12:00", "+14:00", "+21:20", "+15:00", "z", ""])
def test_the_schema_of_an_instant_allows_the_zones_that_are_accepted(zone):
    text = f"2026-01-31T12:00:00{zone}"
    assert bool(re.search(fields.Instant.shape["pattern"], text)) == is_accepted(fields.Instant(), text)
