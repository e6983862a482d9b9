"""How anything at all is asked and answered over HTTP, and what is written down about it."""

import json
import re
from uuid import uuid4

import pytest
from flask import Flask

from shared.web import configure_app
from tests.unit.shared.web.shop import a_note

PROBLEM = {"type", "title", "status", "detail", "instance", "code", "trace_id"}


def problem(answered, status, code):
    assert answered.content_type == "application/problem+json"
    assert (answered.status_code, answered.json["code"]) == (status, code), answered.text
    assert set(answered.json) >= PROBLEM
    assert answered.json["status"] == status
    assert answered.json["type"] == f"urn:sihe:problem:{code}"
    assert re.fullmatch("[0-9a-f]{32}", answered.json["trace_id"])
    return True


def test_what_is_not_there_is_told_as_a_problem(caller):
    answered = caller.get("/nowhere")
    assert problem(answered, 404, "not_found")
    assert answered.json["instance"] == "/api/v1/shop/nowhere"
    assert answered.json["title"] == "Not Found"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND"])
def test_what_cannot_be_done_names_what_can(caller, method):
    answered = caller.open("/notes", method=method)
    assert problem(answered, 405, "method_not_allowed")
    assert set(answered.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_method_is_never_overridden(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    answered = caller.post(f"/notes/{note_id}", headers={"X-HTTP-Method-Override": "PATCH", "If-Match": '"1"'})
    assert problem(answered, 405, "method_not_allowed")
    assert shop.store.head() == 1


@pytest.mark.parametrize(
    "path",
    ["//notes", "/notes//", "/notes;x", "/notes;x=1/", "/%2e%2e/notes", "/notes/%2e%2e/metrics", "/notes%2Fnews",
     "/notes%00", "/notes%0d%0aSet-Cookie:x", "/notes%5cnews", "/notes\\news",
     "/%252e%252e/", "http://other/notes", "/notes%7f"],
)  # fmt: skip
def test_an_address_that_can_be_read_in_two_ways_is_refused(caller, path):
    answered = caller.get("/notes", environ_overrides={"RAW_URI": path})
    assert problem(answered, 400, "malformed_address")


@pytest.mark.parametrize(
    "path", ["/notes.", "/Notes", "/NOTES", "/notes/", "/notes ", "/./notes", "/notes/..", "/not\u00e9s"]
)
def test_an_address_has_one_spelling(caller, path):
    assert problem(caller.get(path), 404, "not_found")


def test_an_id_in_upper_case_is_the_same_thing_and_other_spellings_are_nothing(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    assert caller.get(f"/notes/{note_id.upper()}").json["id"] == note_id
    for spelling in (f"{{{note_id}}}", f"urn:uuid:{note_id}", note_id.replace("-", ""), f"{note_id}%20", "1"):
        assert problem(caller.get(f"/notes/{spelling}"), 404, "not_found")


def test_an_address_has_at_most_a_hundred_parameters(caller):
    assert problem(caller.get("/notes?" + "&".join(["a=1"] * 2_000)), 400, "too_many_parameters")


def test_an_address_is_utf_8(caller):
    assert problem(caller.get("/notes?code=%ff"), 400, "not_utf8")


@pytest.mark.parametrize("host", ["", "a,b"])
def test_one_host_is_needed(caller, host):
    assert problem(caller.get("/notes", environ_overrides={"HTTP_HOST": host}), 400, "malformed_host")


def test_what_nobody_foresaw_tells_nothing(caller, capsys):
    answered = caller.post("/notes/break", json={"how": "code"})
    assert problem(answered, 500, "internal_error")
    for inside in ("secret", "RuntimeError", "Traceback", "shop.py", ".py", "shared", "<html"):
        assert inside not in answered.text
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "shop.py" in told
    assert "a secret of shop" not in told


def test_every_answer_is_safe_to_have_passed_through_anything(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    for answered in (
        caller.get("/notes?consistency=eventual"),
        caller.get(f"/notes/{note_id}"),
        caller.post("/notes", json=a_note(code="N-2")),
        caller.get("/nowhere"),
        caller.get("/notes", headers={"Authorization": None}),
        caller.get("/healthz"),
        caller.get("/audit/events"),
        caller.get("/openapi.json"),
        caller.post("/notes/break", json={"how": "code"}),
    ):
        assert answered.headers.getlist("Cache-Control") == ["no-store"]
        assert answered.headers.getlist("Vary") == ["Authorization"]
        assert answered.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert "frame-ancestors 'none'" in answered.headers["Content-Security-Policy"]
        assert int(answered.headers["Content-Length"]) == len(answered.data)
        assert not {"Set-Cookie", "Access-Control-Allow-Origin", "X-Powered-By"} & set(answered.headers.keys())


def test_a_foreign_origin_is_told_nothing(caller):
    answered = caller.get("/notes?consistency=eventual", headers={"Origin": "https://evil.example", "Cookie": "a=b"})
    assert "Access-Control-Allow-Origin" not in answered.headers


def test_a_page_of_another_app_keeps_its_own_headers():
    app = configure_app(Flask("pages"), "pages")

    @app.get("/docs")
    def docs():
        return "<p>", 200, {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}

    @app.get("/break")
    def broken():
        raise KeyError("inside")

    asked = app.test_client()
    assert asked.get("/docs").headers.getlist("Content-Security-Policy") == ["default-src 'self'"]
    assert asked.get("/docs").headers["Cache-Control"] == "no-store"
    assert problem(asked.get("/break"), 500, "internal_error")
    assert problem(asked.get("/nowhere"), 404, "not_found")


# -- traces and log lines


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_each_request_is_one_line(caller, capsys):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    capsys.readouterr()
    trace = "0af7651916cd43dd8448eb211c80319c"
    caller.get(f"/notes/{note_id}", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    (line,) = lines(capsys)
    assert line["trace_id"] == trace
    assert (line["actor"], line["method"], line["status"]) == ("clerk", "GET", 200)
    assert line["route"] == "/notes/<uuid:note_id>"
    assert line["service"] == "shop"
    assert line["ms"] > 0
    assert note_id not in json.dumps(line)


def test_a_refusal_is_told_by_its_code(caller, capsys):
    caller.post("/notes", json={"name": "planted value"})
    (line,) = lines(capsys)
    assert (line["status"], line["code"]) == (422, "invalid_input")
    assert "planted value" not in json.dumps(line)


@pytest.mark.parametrize(
    "foreign",
    ["x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "00-" + "0" * 32 + "-b7ad6b7169203331-01",
     "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
     "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
     "evil\x1b[31m", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra", "a" * 100_000],
)  # fmt: skip
def test_a_foreign_trace_counts_only_in_its_exact_form(caller, foreign, capsys):
    answered = caller.get("/nowhere", headers={"traceparent": foreign})
    assert re.fullmatch("[0-9a-f]{32}", answered.json["trace_id"])
    assert answered.json["trace_id"] not in foreign.lower()
    assert all(len(line) < 8_000 for line in capsys.readouterr().err.splitlines())


def test_a_log_line_cannot_be_broken_or_coloured(shop, capsys):
    from shared.telemetry import log

    log.info("said", text='a\r\n{"forged": true}\x1b[31m\x7f\u2028é', long="x" * 1_000_000)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", told)
    assert len(told) < 8_000


def test_planted_values_are_in_no_line(caller, capsys):
    planted = [uuid4().hex for _ in range(5)]
    caller.post("/notes", json=a_note(name=planted[0], email=f"{planted[1]}@example.com"))
    caller.post("/notes", json=a_note(name=planted[2], role=planted[2]))
    caller.get(f"/notes?code={planted[3]}&{planted[4]}=1")
    caller.post("/notes/break", json={"how": planted[3]})
    caller.get(f"/{planted[4]}")
    caller.get("/notes", headers={"Authorization": f"Bearer {planted[0]}", "Cookie": planted[1]})
    told = capsys.readouterr().err
    assert told.count("\n") >= 6
    assert [value for value in planted if value in told] == []
