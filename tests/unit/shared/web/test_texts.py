"""Texts, codes, e-mail addresses and phone numbers: what each kind of field accepts, and their spelling."""

import re
import sys
from unicodedata import category

import pytest
from marshmallow import ValidationError

from shared.web import fields
from tests.cpu_limit import cpu_below
from tests.unit.shared.web.field_results import codes, is_accepted

LONG_E_MAIL = "a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + ".com"


@pytest.mark.parametrize(
    "text", ["a\ud800b", "\udfff", "a\x00b", "a\u202eevil", "a\u2066b", "a\x1b[31m", "a\x7fb", "a\x85b", "\ufffe"]
)
def test_deceptive_or_unstorable_characters_are_refused(text):
    assert codes(fields.Text(), text) == "unfit_character"


@pytest.mark.parametrize("text", ["a\ud800b@example.com", "a\x00b@example.com", "a\x1b[31m@example.com"])
def test_unstorable_characters_are_refused_in_an_address_too(text):
    assert codes(fields.Email(), text) == "unfit_character"


def test_a_character_has_at_most_twenty_combining_marks():
    assert codes(fields.Text(max=500), "Z" + "\u0300" * 21) == "too_many_marks"
    assert codes(fields.Text(max=500), "Z" + "\u0300" * 200) == "too_many_marks"
    assert fields.Text().deserialize("Z" + "\u0300" * 20 + "o" + "\u0301" * 20)


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1", "@SUM(A1)", "-2+3", "<script>alert(1)</script>", "{{7*7}}",
     "${7*7}", "%s%n", "'; DROP TABLE notes; --", "../../etc/passwd", "四合", "Zoë", "אב", "a\u200fb",
     "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "👩\u200d👩\u200d👧", "❤\ufe0f",
     "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)  # fmt: skip
def test_free_texts_are_kept_unchanged(text):
    assert fields.Text().deserialize(text) == text


def test_blanks_at_the_ends_are_removed():
    assert fields.Text().deserialize("  Ann \u00a0\u3000") == "Ann"


def invisible_characters():
    """Return all blank, control and format characters but those that belong to the character before or after them."""
    shown = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    tags = range(0xE0020, 0xE0080)
    found = {code for code in range(sys.maxunicode) if category(chr(code)) in {"Zs", "Zl", "Zp", "Cc", "Cf"}}
    return [*map(chr, found - shown - {*tags}), *"\u115f\u1160\u3164\uffa0\u2800"]


@pytest.mark.parametrize("field", [fields.Text(), fields.Text(multiline=True)], ids=["one line", "several lines"])
def test_characters_without_a_shape_are_removed_from_the_ends(field):
    for each in invisible_characters():
        assert field.deserialize(f" {each}Ann{each} ") == "Ann"
        assert codes(field, f"{each} {each}") == "empty"


@pytest.mark.parametrize("text", ["\ufe0f", "\U000e0041", "\u034f\u200b"])
def test_a_text_of_marks_without_a_shape_is_empty(text):
    assert codes(fields.Text(), text) == "empty"


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("a\nb", "U+000A (line break)"),
        ("a\r\nb", "U+000D (line break)"),
        ("a\tb", "U+0009 (tab)"),
        ("a\x07b", "U+0007 (not printable)"),
        ("a\u2028b", "U+2028 (line separator)"),
        ("a\u2029b", "U+2029 (paragraph separator)"),
        ("a\u202eb", "U+202E (right-to-left override)"),
    ],
)
def test_a_character_that_does_not_fit_into_a_line_is_named(text, character):
    with pytest.raises(ValidationError) as refused:
        fields.Text().deserialize(text)
    assert refused.value.messages == [f"must not contain the character {character}; remove it at position 2"]


@pytest.mark.parametrize("text", ["a\x07b", "a\u202eb"])
def test_several_lines_are_separated_by_line_breaks_only(text):
    assert codes(fields.Text(multiline=True), text) == "unfit_character"


@pytest.mark.parametrize(("text", "expected"), [("  ab  ", "too_long"), (" ab ", None), ("     ", "empty")])
def test_the_length_of_a_text_includes_the_blanks_at_its_ends_as_in_the_schema(text, expected):
    assert (codes(fields.Text(max=4), text) if expected else fields.Text(max=4).deserialize(text)) == (expected or "ab")


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\rtwo"])
def test_lines_end_with_a_line_feed_however_they_were_given(text):
    assert fields.Text(multiline=True).deserialize(text) == "one\ntwo"


@pytest.mark.parametrize("field", [fields.Text(), fields.Text(multiline=True)], ids=["one line", "several lines"])
@pytest.mark.parametrize("around", ["{}", "a{}", "{}a", "a{}b", " {} "])
def test_the_schema_of_a_text_allows_what_is_accepted(field, around):
    for each in (*map(chr, range(0x300)), *"\u1680\u200b\u200d\u2028\u202e\u2066\u2800\u3164\ufe0f\ufeff\uffa0\uffff"):
        text = around.format(each)
        is_allowed = re.search(field.shape["pattern"], text) is not None
        assert is_allowed == is_accepted(field, text), ascii(text)


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("   ", "empty"), ("x" * 201, "too_long"), (5, "not_text"), (None, "null")]
)
def test_a_text_has_bounds(text, code):
    assert codes(fields.Text(), text) == code


@pytest.mark.parametrize(
    "code",
    [
        "BOLT-M8",
        "a",
        "1",
        "SO.2024_07-1",
        "x" * 40,
        "A B",
        "A/B",
        "#8-32",
        "LM317T/NOPB",
        "1N4148 (DO-35)",
        "R&D+",
        "C*",
    ],
)
def test_a_code_is_short_and_plain(code):
    assert fields.Code().deserialize(code) == code


@pytest.mark.case("B59")
@pytest.mark.parametrize(
    "code",
    ['NUTS/A4SS/Hex-1/4"UNC', "Cam/4567", "CGJ X7R E1 KIT", "#8-32", "LM317T/NOPB", "1N4148 (DO-35)", "R&D+", "C*"],
)
def test_part_numbers_of_makers_are_codes(code):
    assert fields.Code().deserialize(code) == code


@pytest.mark.parametrize(
    "code",
    ["-A", "A.", "A/", "A%42", "../A", "Ａ", "é", "A,B", "A;B", "A\\B", "=A", "+A", "@A", "'A", "A<b>", "A?b"],
)
def test_an_ambiguous_code_is_refused(code):
    assert codes(fields.Code(), code) == "not_a_code"


@pytest.mark.parametrize(
    "email", ["ann@example.com", "a.b+c@mail.example.co.uk", "jürgen@müller.de", "o'hara@example.ie"]
)
def test_e_mail_addresses_are_accepted(email):
    assert fields.Email().deserialize(email) == email


@pytest.mark.parametrize(
    "email",
    ["ann", "ann@", "@example.com", "ann@example", "a b@example.com", "ann@ex ample.com", "ann@-example.com",
     "ann@example..com", "<ann@example.com>", "a@b@example.com", "ann@[127.0.0.1]",
     "a" * 65 + "@example.com"],
)  # fmt: skip
def test_an_invalid_e_mail_address_is_refused(email):
    assert codes(fields.Email(), email) == "not_an_email"


def test_an_e_mail_address_has_254_characters_at_most():
    assert codes(fields.Email(), LONG_E_MAIL) == "too_long"


@pytest.mark.parametrize(
    "phone", ["(5) 555-4729", "0921-12 34 65", "+49 30 0074321", "030/0074321", "555-1234 x12", "(02) 201 24 67"]
)
def test_phone_numbers_are_accepted_in_common_spellings(phone):
    assert fields.Phone().deserialize(phone) == phone


@pytest.mark.parametrize("phone", ["call me", "12", "555-1234; rm", "javascript:1", "()()()"])
def test_an_invalid_phone_number_is_refused(phone):
    assert codes(fields.Phone(), phone) == "not_a_phone"


@pytest.mark.parametrize(
    "text", ["a" * 50_000 + "!", "a@" + "a." * 25_000, "a@" + "a-" * 25_000 + "!", "1" * 50_000 + "x", "." * 50_000]
)
@pytest.mark.parametrize(
    "field", [fields.Email(), fields.Phone(), fields.Code(), fields.Text()], ids=lambda each: type(each).__name__
)
def test_a_text_that_slows_down_a_pattern_is_refused_fast(field, text):
    with cpu_below(0.1), pytest.raises(ValidationError):
        field.deserialize(text)


@pytest.mark.parametrize(
    "text", ["a@" + "a." * 120 + "!", "a@" + "a-" * 120 + "!", "a@" + "a" * 120 + "!", "a" * 63 + "!" * 100]
)
def test_a_short_text_that_slows_down_a_pattern_is_refused_fast(text):
    with cpu_below(0.1):
        assert codes(fields.Email(), text) == "not_an_email"
