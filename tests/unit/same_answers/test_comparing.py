"""Recordings are compared by content: random ids, instants and today's date do not count, everything else does."""

import copy
from typing import Any

import pytest

from tests.same_answers.comparing import MISSING, ORDER, Difference, comparable, differences
from tests.same_answers.intended import Intended, Move, Rename, matches

BILL, ENTRY = "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0001", "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0002"
OTHER_BILL, OTHER_ENTRY = "fb9a9e2c-6d5c-4c19-9a55-1d6f0f0a0001", "ab9a9e2c-6d5c-4c19-9a55-1d6f0f0a0002"
REQUEST = "erp.Bill.Recorded 1"
NAMED_BILL = f"<erp.Bill 1 of {REQUEST}>"
STORY, OTHER_STORY = "11111111-6d5c-4c19-9a55-1d6f0f0a0001", "22222222-6d5c-4c19-9a55-1d6f0f0a0001"
LAST_STORY = "33333333-6d5c-4c19-9a55-1d6f0f0a0001"
TYPE_PLACE = ("events", "*", "*", "type")


def event(position: int, kind: str, aggregate: str, story: str, epoch: str, **data: Any) -> dict[str, Any]:
    return {
        "position": position,
        "id": f"erp:{epoch}-{position}",
        "type": kind,
        "aggregate": aggregate,
        "aggregate_type": kind.rpartition(".")[0],
        "recorded_at": f"2026-11-28T10:00:0{position}Z",
        "correlation": story,
        "digest": epoch * 4,
        "data": data,
    }


def recording(bill: str, entry: str, story: str, epoch: str, today: str) -> dict[str, Any]:
    """A bill of 12.50 recorded today, and its journal entry."""
    return {
        "today": today,
        "events": {
            "erp": [
                event(1, "erp.Bill.Recorded", bill, story, epoch, total="12.50", billed_on=today),
                event(2, "erp.JournalEntry.Posted", entry, story, epoch, document=bill),
            ]
        },
        "answers": {
            f"GET /erp/bills/{bill}": {"status": 200, "body": {"id": bill, "status": "open", "lines": [1, 2]}},
            "GET /erp/journal": {
                "status": 200,
                "body": [{"id": "000000000000002-0", "amount": "12.50"}, {"id": "000000000000002-1", "entry": entry}],
            },
        },
    }


@pytest.fixture
def base() -> dict[str, Any]:
    return recording(BILL, ENTRY, STORY, "a" * 16, "2026-11-28")


@pytest.fixture
def now() -> dict[str, Any]:
    return recording(OTHER_BILL, OTHER_ENTRY, OTHER_STORY, "b" * 16, "2026-11-30")


def found(base: Any, now: Any) -> list[Difference]:
    return list(differences(comparable(base), comparable(now)))


def test_random_values_do_not_count(base: Any, now: Any) -> None:
    assert found(base, now) == []


def test_ids_are_named_by_type_and_number(base: Any) -> None:
    answers = comparable(base)["answers"]
    assert list(answers) == [f"GET /erp/bills/{NAMED_BILL}", "GET /erp/journal"]
    assert answers["GET /erp/journal"]["body"] == [
        {"amount": "12.50", "id": f"<erp.JournalEntry.Posted 1 of {REQUEST}>/0"},
        {"entry": f"<erp.JournalEntry 1 of {REQUEST}>", "id": f"<erp.JournalEntry.Posted 1 of {REQUEST}>/1"},
    ]


def test_todays_date_is_named_by_its_distance(base: Any) -> None:
    (recorded, _) = comparable(base)["events"]["erp"]
    assert recorded["data"] == {"total": "12.50", "billed_on": "<today+0>"}


def test_a_changed_amount_is_found(base: Any, now: Any) -> None:
    now["events"]["erp"][0]["data"]["total"] = "12.51"
    path = ("events", "erp", "erp.Bill.Recorded", "data", "total")
    assert found(base, now) == [Difference(path, "12.50", "12.51")]


def test_a_removed_field_is_found(base: Any, now: Any) -> None:
    del now["answers"][f"GET /erp/bills/{OTHER_BILL}"]["body"]["status"]
    path = ("answers", f"GET /erp/bills/{NAMED_BILL}", "body", "status")
    assert found(base, now) == [Difference(path, "open", MISSING)]


def test_another_order_inside_a_document_is_found(base: Any, now: Any) -> None:
    now["answers"][f"GET /erp/bills/{OTHER_BILL}"]["body"]["lines"].reverse()
    path = ("answers", f"GET /erp/bills/{NAMED_BILL}", "body", "lines", ORDER)
    assert found(base, now) == [Difference(path, ["1", "2"], ["2", "1"])]


def test_rows_are_compared_with_those_of_the_same_identity(base: Any, now: Any) -> None:
    rows = [{"account": "1200", "debit": "5.00"}, {"account": "2000", "debit": "7.00"}]
    base["answers"]["GET /erp/trial-balance"] = {"body": {"rows": rows}}
    now["answers"]["GET /erp/trial-balance"] = {"body": {"rows": [{"account": "1000", "debit": "1.00"}, *rows[1:]]}}
    path = ("answers", "GET /erp/trial-balance", "body", "rows", "*")
    lost, added = Difference(path, rows[0], MISSING), Difference(path, MISSING, {"account": "1000", "debit": "1.00"})
    assert found(base, now) == [lost, added]


def test_another_order_of_rows_with_new_members_is_found(base: Any, now: Any) -> None:
    lines = [{"sku": "CUP", "quantity": "1"}, {"sku": "MUG", "quantity": "2"}]
    base["answers"]["GET /crm/sales-orders/1"] = {"body": {"lines": lines}}
    now["answers"]["GET /crm/sales-orders/1"] = {"body": {"lines": [{**each, "line": 1} for each in reversed(lines)]}}
    order, *members = found(base, now)
    assert order.path[-1] == ORDER
    assert [(each.path[-1], each.base, each.now) for each in members] == [("line", MISSING, 1)] * 2


def test_an_added_event_of_one_request_changes_no_names_of_others(base: Any, now: Any) -> None:
    last = event(9, "erp.Bill.Recorded", "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0009", LAST_STORY, "a" * 16)
    for recorded in (base, now):
        recorded["events"]["erp"].append(last)
    added = event(3, "erp.Bill.Recorded", "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0008", STORY, "b" * 16)
    now["events"]["erp"].insert(2, added)
    (difference,) = found(base, now)
    assert (difference.path, difference.base) == (("events", "erp", "erp.Bill.Recorded"), MISSING)


def test_the_order_of_rows_by_random_ids_does_not_count(base: Any, now: Any) -> None:
    now["answers"]["GET /erp/journal"]["body"].reverse()
    assert found(base, now) == []


def test_a_missing_event_is_found(base: Any, now: Any) -> None:
    lost = comparable(base)["events"]["erp"][1]
    now["events"]["erp"].pop()
    now["answers"].pop("GET /erp/journal")
    base["answers"].pop("GET /erp/journal")
    path = ("events", "erp", "erp.JournalEntry.Posted")
    assert found(base, now) == [Difference(path, lost, MISSING)]


def renamed_now(now: Any) -> Any:
    changed = copy.deepcopy(now)
    changed["events"]["erp"][0] |= {"type": "erp.SupplierInvoice.Recorded", "aggregate_type": "erp.SupplierInvoice"}
    return changed


def test_an_intended_rename_is_accepted(base: Any, now: Any) -> None:
    old, new = "erp.Bill", "erp.SupplierInvoice"
    renames = [
        Rename("event type", TYPE_PLACE, "value", f"{old}.Recorded", f"{new}.Recorded"),
        Rename("aggregate type", ("events", "*", "*", "aggregate_type"), "value", old, new),
    ]
    intended = Intended(renames)
    assert found(intended.renamed(base), renamed_now(now)) == []
    assert intended.stale() == []


def test_a_renamed_field_of_one_event_type_is_accepted(base: Any, now: Any) -> None:
    now["events"]["erp"][0]["data"]["amount"] = now["events"]["erp"][0]["data"].pop("total")
    place = ("events", "erp", "erp.Bill.Recorded", "data")
    intended = Intended([Rename("event field", place, "key", "total", "amount")])
    assert found(intended.renamed(base), now) == []


def test_a_rename_elsewhere_is_not_accepted(base: Any, now: Any) -> None:
    intended = Intended([Rename("event type", ("answers", "**"), "value", "erp.Bill.Recorded", "other")])
    assert found(intended.renamed(base), renamed_now(now)) != []
    assert len(intended.stale()) == 1


def test_an_intended_place_is_accepted_with_its_values_only(base: Any, now: Any) -> None:
    now["answers"][f"GET /erp/bills/{OTHER_BILL}"]["body"]["status"] = "paid"
    place = {"at": ["answers", "*", "body", "status"], "base": "open", "now": "paid", "reason": "an example"}
    differing = found(base, now)
    assert list(Intended([], [place]).unexpected(differing)) == []
    assert list(Intended([], [place | {"now": "closed"}]).unexpected(differing)) == differing


def test_a_stale_intended_place_is_reported(base: Any, now: Any) -> None:
    place = {"at": ["answers", "*", "body", "status"], "base": "open", "now": "paid", "reason": "an example"}
    intended = Intended([], [place])
    assert list(intended.unexpected(found(base, now))) == []
    assert intended.stale() == ["['answers', '*', 'body', 'status']: an example"]


def test_values_of_moved_members_are_compared(base: Any, now: Any) -> None:
    place = ("events", "erp", "erp.Bill.Recorded", "data")
    move = Move(place, (("total", "terms/total"), ("billed_on", "details/dates/billed_on")))
    data = now["events"]["erp"][0]["data"]
    moved = {"terms": {"total": data["total"]}, "details": {"dates": {"billed_on": data["billed_on"]}}}
    now["events"]["erp"][0]["data"] = moved
    intended = Intended(moves=[move])
    assert found(intended.renamed(base), now) == []
    assert intended.stale() == []
    moved["terms"]["total"] = "12.51"
    assert found(intended.renamed(base), now) == [Difference((*place, "terms", "total"), "12.50", "12.51")]


def test_a_move_that_never_applies_is_stale(base: Any, now: Any) -> None:
    intended = Intended(moves=[Move(("events", "erp", "erp.Bill.Paid", "data"), (("total", "terms/total"),))])
    assert found(intended.renamed(base), now) == []
    assert len(intended.stale()) == 1


def unexpected(base: Any, now: Any, **values: Any) -> bool:
    place = {"at": ("answers", "number"), "reason": "an example"} | values
    return bool(list(Intended([], [place]).unexpected([Difference(("answers", "number"), base, now)])))


def test_a_number_as_a_text_must_be_the_same_number() -> None:
    assert not unexpected(100, "100", as_text=True)
    assert unexpected(100, "101", as_text=True)


def test_a_pattern_of_values_matches_the_whole_text() -> None:
    pattern = r'\{"subject": "<crm.Customer \S+>"\}'
    assert not unexpected("Reims", {"subject": "<crm.Customer VINET>"}, now_like=pattern)
    assert unexpected("Reims", {"subject": "<crm.Customer VINET>", "city": "Reims"}, now_like=pattern)
    assert unexpected("Reims", "Paris", base_like="Paris|Lyon")


def test_a_list_in_a_path_stands_for_each_of_its_names(tmp_path: Any) -> None:
    toml = tmp_path / "intended.toml"
    toml.write_text('[[different]]\nplaces = [["a", ["b", "c"]], ["d"]]\nbase = 1\nreason = "an example"\n')
    places = Intended.read([toml]).places
    assert [each["at"] for each in places] == [("a", "b"), ("a", "c"), ("d",)]
    assert all(each["base"] == 1 for each in places)


def test_variables_of_paths_may_have_other_names(base: Any, now: Any) -> None:
    for recorded, name in ((base, "id"), (now, "carrier_id")):
        recorded["refusals"] = {f"GET /scm/carriers/{{{name}}}: no key": {"status": 401}}
        recorded["openapi"] = {"paths": {f"/api/v1/scm/carriers/{{{name}}}": {"get": {}}}}
    assert found(base, now) == []


def test_alternatives_of_a_schema_are_compared_with_the_most_alike(base: Any, now: Any) -> None:
    two, none = {"decimals": 2, "currencies": ["EUR", "USD"]}, {"decimals": 0, "currencies": ["JPY", "RSD", "KRW"]}
    base["answers"]["GET /money"] = {"body": {"anyOf": [none, two]}}
    changed = {"decimals": 2, "currencies": ["EUR", "USD", "RSD"]}
    now["answers"]["GET /money"] = {"body": {"anyOf": [changed, {"decimals": 0, "currencies": ["JPY", "KRW"]}]}}
    assert [(each.base, each.now) for each in found(base, now)] == [("RSD", MISSING), (MISSING, "RSD")]


def test_intended_differences_are_read_from_toml_and_json(tmp_path: Any) -> None:
    toml, json = tmp_path / "intended.toml", tmp_path / "renames.json"
    toml.write_text('[[rename]]\nkind = "event type"\nat = ["**", "type"]\nvalue = { "a.B" = "a.C" }\n')
    json.write_text('{"rename": [{"kind": "event field", "at": ["**"], "key": {"old": "new"}}]}')
    assert Intended.read([toml, json, tmp_path / "missing.toml"]).renames == [
        Rename("event type", ("**", "type"), "value", "a.B", "a.C"),
        Rename("event field", ("**",), "key", "old", "new"),
    ]


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        (("answers", "GET /erp/bills?open[lte]=1"), ("answers", "GET /erp/bills?open[lte]=1"), True),
        (("answers", "GET /erp/bills"), ("answers", "GET /erp/*"), True),
        (("answers", "GET /erp/bills", "body"), ("answers", "*"), False),
        (("answers", "GET /erp/bills", "body"), ("**", "body"), True),
        (("body",), ("**", "body"), True),
        (("body", "status"), ("**", "body"), False),
    ],
)
def test_patterns_of_paths(path: tuple[str, ...], pattern: tuple[str, ...], expected: bool) -> None:
    assert matches(path, pattern) is expected


def test_which_of_two_services_was_first_does_not_count(base: Any, now: Any) -> None:
    for recorded, cause in ((base, "crm:1"), (now, "erp:2")):
        opened = {**recorded["events"]["erp"][0], "actor": "scm", "causation": cause}
        recorded["events"]["scm"] = [{**opened, "type": "scm.StockItem.Opened", "aggregate_type": "scm.StockItem"}]
    assert found(base, now) == []
    for recorded in (base, now):
        recorded["events"]["scm"][0]["aggregate_type"] = "scm.Warehouse"
    assert len(found(base, now)) == 1


def test_a_schema_of_events_is_no_event(base: Any) -> None:
    event_schema = {"id": {"type": "string"}, "actor": {"type": "string"}, "version": {"type": "integer"}}
    tree = {"id": {"type": "string"}, "children": {"items": event_schema}}
    assert comparable(base | {"openapi": {"properties": tree}})["openapi"] == {"properties": tree}
