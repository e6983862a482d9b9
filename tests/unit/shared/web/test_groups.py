"""Groups of the rows of a list: their figures, order and pages."""

import pytest

from shared.testing.services import catch_up
from shared.testing.web import Client, field_errors
from tests.unit.shared.web.shop import take_notes


def test_a_list_is_summed_in_groups(caller: Client, notes: list[str]) -> None:
    groups = caller.get("/notes?group_by=name&sum=total").json["data"]
    assert [(each["name"], each["count"], each["sums"]["total"][0]["amount"]) for each in groups] == [
        ("Ann 0", 4, "18.00"),
        ("Ann 1", 4, "22.00"),
        ("Ann 2", 4, "26.00"),
    ]
    months = caller.get("/notes?group_by=placed_on.month").json["data"]
    assert {each["placed_on.month"]: each["count"] for each in months} == {None: 10, "2026-03": 1, "2026-04": 1}


def names(response):
    assert response.status_code == 200, response.text
    return [group["name"] for group in response.json["data"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=-name", ["Ann 2", "Ann 1", "Ann 0"]),
        ("sort=-total&sum=total", ["Ann 2", "Ann 1", "Ann 0"]),
        ("total[lt]=4&sort=-count", ["Ann 0", "Ann 2", "Ann 1"]),
        ("total[lt]=4&sort=-count,name", ["Ann 0", "Ann 1", "Ann 2"]),
        ("total[lt]=4&sort=total&sum=total", ["Ann 1", "Ann 2", "Ann 0"]),
        ("sort=-total&sum=total&limit=1", ["Ann 2"]),
    ],
)
def test_groups_are_sorted_by_their_columns_and_figures(caller, notes, query, found):
    assert names(caller.get(f"/notes?group_by=name&{query}")) == found
    assert names(caller.get(f"/notes?{query}&group_by=name")) == found


def test_groups_that_are_left_out_are_on_the_next_page(caller, notes):
    first = caller.get("/notes?group_by=name&sum=total&sort=-total&limit=2&count=true")
    assert (names(first), first.json["has_more"], first.json["count"]) == (["Ann 2", "Ann 1"], True, 12)
    assert first.json["sums"] == {"total": [{"amount": "66.00", "currency": "USD"}]}
    address = first.headers["Link"][1:].partition(">")[0].removeprefix("/api/v1/shop")
    assert first.json["next_cursor"] in address
    last = caller.get(address)
    assert (names(last), last.json["has_more"], last.json["next_cursor"]) == (["Ann 0"], False, None)
    assert "Link" not in last.headers


def test_a_page_has_fifty_groups_by_default(shop, caller):
    take_notes(caller, 51)
    catch_up(shop)
    page = caller.get("/notes?group_by=code").json
    assert (len(page["data"]), page["has_more"]) == (50, True)


@pytest.mark.parametrize("other", ["group_by=code", "group_by=name&sort=-name", "group_by=name,code", "sort=name"])
def test_a_cursor_belongs_to_its_groups(caller, notes, other):
    cursor = caller.get("/notes?group_by=name&sort=name&limit=1").json["next_cursor"]
    assert field_errors(caller.get(f"/notes?{other}&cursor={cursor}")) == {"/cursor": "other_question"}


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("group_by=name&sort=code", "name, count"),
        ("group_by=name&sort=total", "name, count"),
        ("group_by=placed_on.month&sum=total&sort=placed_on", "placed_on.month, count, total"),
        ("sort=-count", "id, code, name"),
    ],
)
def test_an_order_by_what_a_group_does_not_have_is_refused(caller, notes, query, allowed):
    response = caller.get(f"/notes?{query}")
    assert field_errors(response) == {"/sort": "unknown_field"}
    assert f"Allowed: {allowed}" in response.json["errors"][0]["detail"]


def test_groups_show_no_commands(caller, notes):
    response = caller.get("/notes?group_by=name&show=allowed_commands")
    assert field_errors(response) == {"/show": "not_one_of"}
    assert response.json["errors"][0]["detail"] == "must be omitted with group_by: groups of rows have no commands"


@pytest.mark.parametrize("query", ["sum=name", "group_by=total", "group_by=name.month", "sum=colour", "count=yes"])
def test_what_cannot_be_summed_or_grouped_by_is_refused(caller: Client, notes: list[str], query: str) -> None:
    response = caller.get(f"/notes?{query}")
    assert (response.status_code, set(field_errors(response))) == (422, {f"/{query.partition('=')[0]}"})
