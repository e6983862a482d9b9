"""Recordings are compared by content: random ids, instants and today's date do not count, everything else does."""

import copy
from typing import Any

import pytest

from tests.same_answers.comparing import MISSING, ORDER, Difference, comparable, differences
from tests.same_answers.intended import Intended, Rename, matches

BILL, ENTRY = "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0001", "0b9a9e2c-6d5c-4c19-9a55-1d6f0f0a0002"
OTHER_BILL, OTHER_ENTRY = "fb9a9e2c-6d5c-4c19-9a55-1d6f0f0a0001", "ab9a9e2c-6d5c-4c19-9a55-1d6f0f0a0002"
STORY, OTHER_STORY = "11111111-6d5c-4c19-9a55-1d6f0f0a0001", "22222222-6d5c-4c19-9a55-1d6f0f0a0001"
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
    assert list(answers) == ["GET /erp/bills/<erp.Bill 1>", "GET /erp/journal"]
    assert answers["GET /erp/journal"]["body"] == [
        {"amount": "12.50", "id": "<erp.JournalEntry.Posted 1>/0"},
        {"entry": "<erp.JournalEntry 1>", "id": "<erp.JournalEntry.Posted 1>/1"},
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
    path = ("answers", "GET /erp/bills/<erp.Bill 1>", "body", "status")
    assert found(base, now) == [Difference(path, "open", MISSING)]


def test_another_order_inside_a_document_is_found(base: Any, now: Any) -> None:
    now["answers"][f"GET /erp/bills/{OTHER_BILL}"]["body"]["lines"].reverse()
    path = ("answers", "GET /erp/bills/<erp.Bill 1>", "body", "lines", ORDER)
    assert found(base, now) == [Difference(path, [1, 2], [2, 1])]


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
