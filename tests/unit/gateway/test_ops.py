"""Operations endpoints of the gateway: progress of the suite, parked messages, and event logs for auditors."""

from typing import Any

import pytest
from werkzeug.wrappers import Response

PARKED_MESSAGE = {"source": "crm", "sequence": 6, "error": "ValueError"}


def idle_status(service: str) -> dict[str, Any]:
    inbox_positions = {
        source: {"epoch": source, "position": 5} for source in ("crm", "srm", "scm", "erp") if source != service
    }
    return {
        "service": service, "epoch": service, "head": 9, "chained": 9, "published_head": 5, "relayed": 5,
        "inbox_positions": inbox_positions, "reports": {"all": 9}, "parked": 0, "timers_due": 0, "behind_since": {},
    }  # fmt: skip


@pytest.fixture
def idle_gateway(open_gateway: Any) -> Any:
    gateway = open_gateway()
    for name, worker in gateway.workers.items():
        worker.responses["/status"] = idle_status(name)
    return gateway


def test_a_suite_without_pending_work_is_idle(idle_gateway: Any) -> None:
    lag = idle_gateway.client.get("/api/v1/ops/lag").json
    assert (lag["quiet"], lag["missing"], sorted(lag["services"])) == (True, [], ["crm", "erp", "scm", "srm"])


def test_each_worker_is_sampled_twice_and_one_without_a_status_once(idle_gateway: Any) -> None:
    idle_gateway.workers["scm"].responses["/status"] = Response("{}", 503)
    idle_gateway.client.get("/api/v1/ops/lag")
    samples = {name: len(worker.requests) for name, worker in idle_gateway.workers.items()}
    assert samples == {"crm": 2, "srm": 2, "scm": 1, "erp": 2}


def test_the_backlog_of_a_worker_is_shown_in_events_and_seconds(idle_gateway: Any) -> None:
    idle_gateway.workers["erp"].responses["/status"] = idle_status("erp") | {
        "reports": {"all": 7}, "behind_since": {"all": "2026-01-01T00:00:00Z"},
    }  # fmt: skip
    lag = idle_gateway.client.get("/api/v1/ops/lag").json
    backlog = lag["services"]["erp"]["reports"]["all"]
    assert (lag["quiet"], backlog["events"], backlog["seconds"] > 0) == (False, 2, True)


@pytest.mark.parametrize("response", [None, Response("{}", 500)], ids=["not found", "error"])
def test_a_worker_without_a_status_is_missing(idle_gateway: Any, response: Any) -> None:
    idle_gateway.workers["scm"].responses["/status"] = response
    lag = idle_gateway.client.get("/api/v1/ops/lag").json
    assert (lag["quiet"], lag["missing"]) == (False, ["scm"])


def test_the_event_log_of_a_service_is_forwarded_line_by_line(open_gateway: Any) -> None:
    gateway = open_gateway()
    lines = b'{"position":1}\n{"position":2}\n'
    headers = {"Link": '</api/v1/crm/audit/events?after=2&limit=2>; rel="next"'}
    gateway.services["crm"].responses["/audit/events"] = Response(
        lines, 200, headers, content_type="application/x-ndjson"
    )
    response = gateway.create_key("auditor").get("/api/v1/audit/crm/events?after=0&limit=2")
    assert (response.get_data(), response.content_type) == (lines, "application/x-ndjson")
    assert response.headers["Link"] == '</api/v1/audit/crm/events?after=2&limit=2>; rel="next"'
    assert gateway.services["crm"].requests[0].query_string == b"after=0&limit=2"
    assert gateway.client.get("/api/v1/audit/unknown/events").status_code == 404


def test_parked_messages_of_all_services_are_listed(open_gateway: Any) -> None:
    gateway = open_gateway(without={"scm"})
    for name in ("crm", "srm", "erp"):
        gateway.services[name].responses["/parked"] = {"data": [PARKED_MESSAGE] if name == "erp" else []}
    assert gateway.client.get("/api/v1/ops/parked").json == {
        "services": {"crm": [], "srm": [], "scm": None, "erp": [PARKED_MESSAGE]}, "missing": ["scm"],
    }  # fmt: skip


def test_parked_messages_are_redriven_or_discarded(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["erp"].responses |= {
        "/parked/crm/retry": {"applied": 1, "parked": 0},
        "/parked/crm/6/discard": {"status": "discarded"},
    }
    assert gateway.client.post("/api/v1/ops/parked/erp/crm/retry").json == {"applied": 1, "parked": 0}
    discarded = gateway.client.post("/api/v1/ops/parked/erp/crm/6/discard", json={"reason": "tidy"})
    assert discarded.json == {"status": "discarded"}
    assert gateway.services["erp"].requests[-1].get_data() == b'{"reason": "tidy"}'


@pytest.mark.parametrize("path", ["ops/lag", "ops/parked", "access/keys"])
def test_an_unknown_parameter_is_refused_by_name(idle_gateway: Any, path: str) -> None:
    response = idle_gateway.client.get(f"/api/v1/{path}?limit=1")
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/limit")
