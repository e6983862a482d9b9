"""Lists: filters, sorting, search, and pages that contain every row exactly once."""

from itertools import chain

import pytest
from werkzeug.datastructures import MultiDict

from shared.testing.services import catch_up
from shared.testing.web import Client, field_errors
from tests.unit.shared.web.shop import Shop, a_note, take_notes


def codes(response):
    assert response.status_code == 200, response.text
    return [row["code"] for row in response.json["data"]]


def get_all_pages(caller, address):
    """Return the codes of every page, following the links."""
    pages = []
    while address:
        response = caller.get(address)
        pages.append(codes(response))
        link = response.headers.get("Link")
        assert bool(link) == response.json["has_more"] == (response.json["next_cursor"] is not None)
        if link:
            assert link.endswith('>; rel="next"')
        address = link and link[1:].partition(">")[0].removeprefix("/api/v1/shop")
    return pages


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("code=N-03", ["N-03"]),
        ("code=N-03,N-04,N-99", ["N-03", "N-04"]),
        ("code[eq]=N-03", ["N-03"]),
        ("total[gte]=10", ["N-10", "N-11"]),
        ("total[gt]=10", ["N-11"]),
        ("total[lt]=2", ["N-00", "N-01"]),
        ("total[lte]=1.00", ["N-00", "N-01"]),
        ("total[gte]=9.99&total[lt]=11", ["N-10"]),
        ("total=7", ["N-07"]),
        ("open=false", ["N-03", "N-04"]),
        ("placed_on[gte]=2026-03-04", ["N-04"]),
        ("placed_on=2026-03-03,2026-04-04", ["N-03", "N-04"]),
        ("open=false&placed_on[lt]=2026-04-01", ["N-03"]),
        ("lines_count[gt]=1", []),
        ("q=n-1", ["N-10", "N-11"]),
        ("q=ann+2", ["N-02", "N-05", "N-08", "N-11"]),
        ("consistency=eventual&code=N-01", ["N-01"]),
    ],
)
def test_a_list_can_be_filtered(caller, notes, query, found):
    assert codes(caller.get(f"/notes?{query}&sort=code")) == found


def test_a_row_is_found_by_its_id(caller, notes):
    assert codes(caller.get(f"/notes?id={notes[5].upper()}")) == ["N-05"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("code", "N-00"), ("-code", "N-11"), ("-total", "N-11"), ("name,-total", "N-09"), ("-name,total", "N-02")],
)
def test_a_list_can_be_sorted(caller, notes, sort, first):
    assert codes(caller.get(f"/notes?sort={sort}"))[0] == first


@pytest.mark.parametrize("sort", ["", "sort=code&", "sort=-name&", "sort=name,-total&", "sort=-open,placed_on&"])
def test_a_list_is_the_union_of_its_pages(caller, notes, sort):
    pages = get_all_pages(caller, f"/notes?{sort}limit=5")
    assert [len(page) for page in pages] == [5, 5, 2]
    assert list(chain.from_iterable(pages)) == codes(caller.get(f"/notes?{sort}limit=200"))


def test_pages_stay_complete_during_concurrent_writes(shop, caller, notes):
    first = caller.get("/notes?sort=code&limit=4").json
    caller.post("/notes", json=a_note(code="M-1"))
    caller.patch(f"/notes/{notes[1]}", json={"name": "Zoe"}, headers={"If-Match": '"1"'})
    catch_up(shop)
    rest = caller.get(f"/notes?sort=code&limit=200&cursor={first['next_cursor']}")
    assert codes(rest) == [f"N-{number:02}" for number in range(4, 12)]


def test_a_full_last_page_has_no_next_page(caller, notes):
    assert [len(page) for page in get_all_pages(caller, "/notes?limit=6")] == [6, 6]


def test_a_page_has_fifty_rows_by_default(shop, caller):
    take_notes(caller, 51)
    catch_up(shop)
    assert len(codes(caller.get("/notes"))) == 50
    assert len(codes(caller.get("/notes?limit=200"))) == 51


@pytest.mark.parametrize("limit", ["1000000", "201", "0", "-1", "1e2", "+5", "１", "", "5.0", "x"])
def test_an_invalid_limit_is_refused(caller, limit):
    assert field_errors(caller.get("/notes", query_string={"limit": limit})) == {"/limit": "out_of_range"}


@pytest.mark.parametrize(
    "name", ["offset", "role", "cipher", "email", "lines", "_version", "code[", "code]x[", "1", "CODE"]
)
def test_a_list_is_filtered_by_declared_columns_only(caller, name):
    response = caller.get("/notes", query_string={name: "1"})
    assert list(field_errors(response).values()) == ["unknown_field"]
    detail = response.json["errors"][0]["detail"]
    assert detail.startswith("Unknown parameter '")
    assert "'. Allowed: id, code, name, total, placed_on, open, lines_count, created_at, updated_at, q, sort" in detail


@pytest.mark.parametrize(
    "sort", ["name);--", "email", "", "code,", "--code", "+code", "code;name", "lower(code)", "rowid"]
)
def test_a_list_is_sorted_by_declared_columns_only(caller, sort):
    response = caller.get("/notes", query_string={"sort": sort})
    assert field_errors(response) == {"/sort": "unknown_field"}
    assert "id, code, name" in response.json["errors"][0]["detail"]


@pytest.mark.parametrize("query", ["code[gte]=A", "code[like]=A", "open[gt]=true", "total[ne]=1", "id[gt]=1"])
def test_each_column_has_its_own_operators(caller, query):
    assert list(field_errors(caller.get(f"/notes?{query}")).values()) == ["unknown_operator"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("total[gte]=1e3", "not_a_number"),
        ("total=NaN", "not_a_number"),
        ("total=%EF%BC%91", "not_a_number"),
        ("placed_on[lt]=2026-02-30", "not_a_date"),
        ("open=yes", "not_one_of"),
        ("open=1", "not_one_of"),
        ("id=%7B6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000%7D", "not_an_id"),
        ("code=a%00b", "unfit_character"),
        ("code=", "empty"),
        ("q=a%E2%80%AEevil", "unfit_character"),
        ("code[eq]=A&code[eq]=B", "given_twice"),
        ("name[in]=%22A", "malformed_list"),
        ("name[in]=", "empty"),
        ("name[in]=A,,B", "empty"),
        ("limit=5&limit=6", "given_twice"),
        ("sort=code,total,code", "given_twice"),
        ("sort=code,-code", "given_twice"),
        ("sort=-code,code", "given_twice"),
        ("group_by=name&sort=count,-count", "given_twice"),
        ("group_by=name&sort=-count,-count", "given_twice"),
        ("consistency=perhaps", "not_one_of"),
    ],
)
def test_values_are_validated_as_strictly_as_in_a_body(caller, query, code):
    assert list(field_errors(caller.get(f"/notes?{query}")).values()) == [code]


def test_a_filter_has_at_most_a_hundred_values(caller):
    assert caller.get("/notes?code=" + ",".join(["A"] * 100)).status_code == 200
    assert field_errors(caller.get("/notes?code=" + ",".join(["A"] * 10_000))) == {"/code": "too_many"}


def test_a_projection_without_search_columns_cannot_be_searched(caller):
    assert field_errors(caller.get("/renamings?q=x")) == {"/q": "unknown_field"}


@pytest.mark.parametrize("search", ["%", "_", "' OR 1=1 --", "!", '"'])
def test_a_search_matches_its_characters_literally(caller, notes, search):
    assert codes(caller.get("/notes", query_string={"q": search})) == []


def get_cursor(caller, **query):
    return caller.get("/notes", query_string={"limit": "2", **query}).json["next_cursor"]


@pytest.mark.parametrize("other", [{"sort": "-code"}, {"open": "true"}, {"q": "n"}, {"sort": "code", "total[gt]": "1"}])
def test_a_cursor_belongs_to_its_query(caller, notes, other):
    response = caller.get("/notes", query_string={"cursor": get_cursor(caller, sort="code"), **other})
    assert field_errors(response) == {"/cursor": "other_question"}


def test_a_cursor_belongs_to_its_list(caller, notes):
    assert field_errors(caller.get(f"/renamings?cursor={get_cursor(caller)}")) == {"/cursor": "other_question"}


def test_a_cursor_can_be_used_with_another_limit(caller, notes):
    cursor = get_cursor(caller, sort="code")
    assert codes(caller.get(f"/notes?sort=code&limit=3&cursor={cursor}")) == ["N-02", "N-03", "N-04"]


def test_a_forged_cursor_is_refused(caller, notes):
    cursor = get_cursor(caller, sort="code")
    swapped = ("A" if cursor[5] != "A" else "B").join([cursor[:5], cursor[6:]])
    for forged in (swapped, cursor[:-1], cursor + "x", "", "W10", "x" * 100_000, "é"):
        response = caller.get("/notes", query_string={"sort": "code", "cursor": forged})
        assert field_errors(response) == {"/cursor": "malformed_cursor"}


def test_a_list_under_a_record_has_only_rows_of_that_record(shop, caller, notes):
    for number in (1, 2, 1):
        version = caller.get(f"/notes/{notes[number]}").json["version"]
        caller.patch(f"/notes/{notes[number]}", json={"name": "Zoe"}, headers={"If-Match": f'"{version}"'})
    catch_up(shop)
    assert [row["times"] for row in caller.get(f"/notes/{notes[1]}/renamings").json["data"]] == [2]
    assert caller.get(f"/notes/{notes[5]}/renamings").json["data"] == []
    other = caller.get(f"/notes/{notes[1]}/renamings?note_id={notes[2]}")
    assert [row["times"] for row in other.json["data"]] == [2]


def test_a_list_behind_the_committed_events_is_refused(caller):
    take_notes(caller, 1)
    behind = caller.get("/notes")
    assert (behind.status_code, behind.json["code"]) == (503, "behind")
    assert int(behind.headers["Retry-After"]) >= 1
    assert codes(caller.get("/notes?consistency=eventual")) == []


def test_the_parameters_of_a_declared_query_are_validated_too(shop, caller, notes):
    assert caller.get("/notes/figures?since=2026-01-01").json == {"since": "2026-01-01", "renamed": 0}
    assert field_errors(caller.get("/notes/figures")) == {"/since": "required"}
    assert field_errors(caller.get("/notes/figures?since=2026-01-01&until=1")) == {"/until": "unknown_field"}
    assert field_errors(caller.get("/notes/figures?since=2026-01-01&since=2026-01-02")) == {"/since": "given_twice"}
    assert field_errors(caller.get("/notes/figures?since=1.1.2026")) == {"/since": "not_a_date"}


def test_a_list_counts_the_rows_that_match(caller: Client, notes: list[str]) -> None:
    page = caller.get("/notes?total[lt]=5&limit=2&count=true").json
    assert (page["count"], page["count_more"], len(page["data"])) == (5, False, 2)


def test_a_list_adds_up_money_in_each_currency(caller: Client, notes: list[str]) -> None:
    page = caller.get("/notes?sum=total,lines_count&code=N-03,N-05").json
    assert page["sums"] == {"total": [{"amount": "8.00", "currency": "USD"}], "lines_count": 2}
    assert codes(caller.get("/notes?sum=total&code=N-03,N-05&sort=code")) == ["N-03", "N-05"]


def test_rows_are_found_by_the_time_of_their_last_change(caller: Client, shop: Shop, notes: list[str]) -> None:
    last = caller.get("/notes?sort=-updated_at&limit=1").json["data"][0]
    caller.patch(f"/notes/{notes[7]}", json={"name": "Zoë"}, headers={"If-Match": '"1"'})
    catch_up(shop)
    assert codes(caller.get(f"/notes?updated_at[gt]={last['updated_at']}&sort=updated_at")) == ["N-07"]
    assert codes(caller.get("/notes?q=zoe")) == ["N-07"]


NAMES = ["X, Inc.", "X", "Müller, Söhne & Co.", "a,b", 'Big "X", Ltd.', "Inc."]


def named(caller: Client, *query: tuple[str, str]) -> set[str]:
    response = caller.get("/notes", query_string=MultiDict(query))
    assert response.status_code == 200, response.text
    return {row["name"] for row in response.json["data"]}


@pytest.mark.case("B50", "C15")
def test_a_text_with_a_comma_is_one_value_of_a_filter(caller: Client, shop: Shop) -> None:
    for place, name in enumerate(NAMES):
        caller.post("/notes", json=a_note(code=f"N{place}", name=name))
    catch_up(shop)
    for name in NAMES:
        assert named(caller, ("name", name)) == {name} == named(caller, ("name[eq]", name))
    assert named(caller, ("name", "X, Inc."), ("name", "a,b")) == {"X, Inc.", "a,b"}
    assert named(caller, ("name[in]", '"X, Inc.",X, "Big ""X"", Ltd."')) == {"X, Inc.", "X", 'Big "X", Ltd.'}
    assert named(caller, ("name[in]", "X,Inc.")) == {"X", "Inc."}
    assert named(caller, ("code", "N0,N1"), ("code", "N2")) == set(NAMES[:3])


@pytest.mark.case("B50")
def test_the_next_page_has_all_values_of_the_filter(caller: Client, shop: Shop) -> None:
    for place, name in enumerate(NAMES):
        caller.post("/notes", json=a_note(code=f"N{place}", name=name))
    catch_up(shop)
    pages = get_all_pages(caller, "/notes?name=X,+Inc.&name=X&name=a,b&limit=1&sort=code")
    assert pages == [["N0"], ["N1"], ["N3"]]


@pytest.mark.case("B50")
def test_an_export_has_the_rows_of_a_name_with_a_comma(caller: Client, shop: Shop) -> None:
    for place, name in enumerate(NAMES):
        caller.post("/notes", json=a_note(code=f"N{place}", name=name))
    catch_up(shop)
    lines = caller.get("/notes/export?name=X,+Inc.").text.splitlines()
    assert [line.split('","')[1] for line in lines[1:]] == ["X, Inc."]


@pytest.mark.case("B50")
def test_a_filter_of_a_text_has_at_most_a_hundred_values(caller: Client) -> None:
    assert field_errors(caller.get("/notes?name[in]=" + ",".join(["A"] * 101))) == {"/name": "too_many"}


@pytest.mark.case("C16")
@pytest.mark.parametrize("path", ["/notes/N-03", "/notes/N-03/place", "/notes/17"])
def test_a_record_named_by_its_code_in_the_path_is_not_found_but_the_answer_states_how(caller, notes, path):
    for method in ("GET", "POST"):
        response = caller.open(path, method=method)
        assert response.status_code == 404
        address = response.json["detail"].rpartition("GET /api/v1/shop")[2]
        assert address == f"/notes?code={path.split('/')[2]}"
    assert caller.get("/notes?code=N-03").json["data"][0]["id"] == notes[3]


@pytest.mark.case("C16")
@pytest.mark.parametrize("path", ["/nothing/N-03", "/notes/6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000/nothing"])
def test_an_address_that_names_no_record_is_unknown(caller, path):
    assert caller.get(path).json["detail"] == "Unknown address."


@pytest.mark.case("X25")
@pytest.mark.parametrize("typed", ["Zoe Smith", "<script>", "zoe@example.com", "x" * 5_000, "a\nb", "姓名"])
def test_what_is_typed_in_place_of_a_parameter_is_not_repeated(caller, typed):
    response = caller.get("/notes", query_string={typed: "1"})
    assert list(field_errors(response)) == [""]
    assert typed[:41] not in response.text
    assert len(response.data) < 2_000
