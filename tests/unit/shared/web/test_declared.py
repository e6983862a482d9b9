"""Schemas of declared dataclasses: names of fields in requests."""

from dataclasses import dataclass
from datetime import date

import pytest

from shared.fields import UNSET, Date, LongText, Text, UnsetType
from shared.web.declared import change_schema_of, schema_of
from shared.web.problems import ProblemError


@dataclass(frozen=True, kw_only=True)
class DaysQuery:
    """Query of days; `from` is a keyword of Python."""

    from_: Date | UnsetType = UNSET
    to: Date | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """Minutes of a meeting: a title of one line, and a text of several."""

    title: Text
    text: LongText


def test_only_a_long_text_has_several_lines():
    lines = "1.\tStock\n2.\tPrices"
    assert schema_of(Minutes)().parse({"title": "Monday\n", "text": lines}) == Minutes(title="Monday", text=lines)
    with pytest.raises(ProblemError) as refused:
        schema_of(Minutes)().parse({"title": lines, "text": lines})
    assert [each["pointer"] for each in refused.value.errors] == ["/title"]


def test_the_underscore_at_the_end_of_a_declared_name_is_left_out_in_requests():
    query = schema_of(DaysQuery)().parse({"from": "2026-03-01", "to": "2026-03-31"})
    assert query == DaysQuery(from_=date(2026, 3, 1), to=date(2026, 3, 31))


def test_a_change_of_such_a_field_has_its_declared_name():
    change = change_schema_of(DaysQuery, "ChangeDays")().parse({"from": "2026-03-01"})
    assert change.apply_to(DaysQuery()) == DaysQuery(from_=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({"from": "March"}, "/from", "must be a day"),
        ({"from_": "2026-03-01"}, "/from_", "Allowed: from, to"),
    ],
)
def test_an_error_in_such_a_field_has_the_name_of_the_request(body: dict[str, str], pointer: str, detail: str):
    with pytest.raises(ProblemError) as refused:
        schema_of(DaysQuery)().parse(body)
    (error,) = refused.value.errors
    assert error["pointer"] == pointer
    assert detail in error["detail"]
