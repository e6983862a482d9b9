"""How far the suite is and what waits for a person, asked at one place; the logs, for auditors."""

from typing import Any

import pytest
from werkzeug.wrappers import Response

ATTENTION = {"source": "crm", "sequence": 6, "error": "ValueError"}


def at_rest(service: str) -> dict[str, Any]:
    heard = {source: {"epoch": source, "position": 5} for source in ("crm", "srm", "scm", "erp") if source != service}
    return {
        "service": service, "epoch": service, "head": 9, "chained": 9, "published_head": 5, "relayed": 5,
        "inbox_positions": heard, "reports": {"all": 9}, "parked": 0, "timers_due": 0, "behind_since": {},
    }  # fmt: skip


@pytest.fixture
def resting(house: Any) -> Any:
    here = house()
    for name, worker in here.workers.items():
        worker.answers["/status"] = at_rest(name)
    return here


def test_a_suite_at_rest_is_quiet(resting: Any) -> None:
    told = resting.browser.get("/api/v1/ops/lag").json
    assert (told["quiet"], told["missing"], sorted(told["services"])) == (True, [], ["crm", "erp", "scm", "srm"])


def test_each_worker_is_looked_at_twice_but_one_that_does_not_say(resting: Any) -> None:
    resting.workers["scm"].answers["/status"] = Response("{}", 503)
    resting.browser.get("/api/v1/ops/lag")
    looks = {name: len(worker.requests) for name, worker in resting.workers.items()}
    assert looks == {"crm": 2, "srm": 2, "scm": 1, "erp": 2}


def test_a_worker_behind_is_shown_by_how_much_and_since_when(resting: Any) -> None:
    resting.workers["erp"].answers["/status"] = at_rest("erp") | {
        "reports": {"all": 7}, "behind_since": {"all": "2026-01-01T00:00:00Z"},
    }  # fmt: skip
    told = resting.browser.get("/api/v1/ops/lag").json
    behind = told["services"]["erp"]["reports"]["all"]
    assert (told["quiet"], behind["events"], behind["seconds"] > 0) == (False, 2, True)


@pytest.mark.parametrize("answer", [None, Response("{}", 500)], ids=["silent", "ill"])
def test_a_worker_that_does_not_say_is_named(resting: Any, answer: Any) -> None:
    resting.workers["scm"].answers["/status"] = answer
    told = resting.browser.get("/api/v1/ops/lag").json
    assert (told["quiet"], told["missing"]) == (False, ["scm"])


def test_the_log_of_a_service_is_handed_through_line_by_line(house: Any) -> None:
    here = house()
    lines = b'{"position":1}\n{"position":2}\n'
    headers = {"Link": '</api/v1/crm/audit/events?after=2&limit=2>; rel="next"'}
    here.services["crm"].answers["/audit/events"] = Response(lines, 200, headers, content_type="application/x-ndjson")
    answer = here.create_key("auditor").get("/api/v1/audit/crm/events?after=0&limit=2")
    assert (answer.get_data(), answer.content_type) == (lines, "application/x-ndjson")
    assert answer.headers["Link"] == '</api/v1/audit/crm/events?after=2&limit=2>; rel="next"'
    assert here.services["crm"].requests[0].query_string == b"after=0&limit=2"
    assert here.browser.get("/api/v1/audit/nobody/events").status_code == 404


def test_what_waits_for_a_person_is_listed_of_all_services(house: Any) -> None:
    here = house(without={"scm"})
    for name in ("crm", "srm", "erp"):
        here.services[name].answers["/parked"] = {"data": [ATTENTION] if name == "erp" else []}
    assert here.browser.get("/api/v1/ops/parked").json == {
        "services": {"crm": [], "srm": [], "scm": None, "erp": [ATTENTION]}, "missing": ["scm"],
    }  # fmt: skip


def test_a_person_has_it_tried_again_or_given_up(house: Any) -> None:
    here = house()
    here.services["erp"].answers |= {
        "/parked/crm/retry": {"applied": 1, "parked": 0},
        "/parked/crm/6/discard": {"status": "discarded"},
    }
    assert here.browser.post("/api/v1/ops/parked/erp/crm/retry").json == {"applied": 1, "parked": 0}
    given_up = here.browser.post("/api/v1/ops/parked/erp/crm/6/discard", json={"reason": "tidy"})
    assert given_up.json == {"status": "discarded"}
    assert here.services["erp"].requests[-1].get_data() == b'{"reason": "tidy"}'


@pytest.mark.parametrize("question", ["ops/lag", "ops/parked", "access/keys"])
def test_what_cannot_be_asked_is_named_and_not_passed_over(resting: Any, question: str) -> None:
    told = resting.browser.get(f"/api/v1/{question}?limit=1")
    assert (told.status_code, told.json["errors"][0]["pointer"]) == (422, "/limit")
