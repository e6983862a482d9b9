"""Requests and responses over HTTP: addresses, methods, problems, headers, traces and log lines."""

import json
import re
from uuid import uuid4

import pytest
from flask import Flask

from shared.web import configure_app
from tests.unit.shared.web.shop import a_note

PROBLEM = {"type", "title", "status", "detail", "instance", "code", "trace_id"}


def is_problem(response, status, code):
    assert response.content_type == "application/problem+json"
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert set(response.json) >= PROBLEM
    assert response.json["status"] == status
    assert response.json["type"] == f"urn:sihe:problem:{code}"
    assert re.fullmatch("[0-9a-f]{32}", response.json["trace_id"])
    return True


def test_an_unknown_address_is_a_problem(caller):
    response = caller.get("/nowhere")
    assert is_problem(response, 404, "not_found")
    assert response.json["instance"] == "/api/v1/shop/nowhere"
    assert response.json["title"] == "Not Found"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND"])
def test_a_refused_method_names_the_allowed_methods(caller, method):
    response = caller.open("/notes", method=method)
    assert is_problem(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_method_is_never_overridden(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    response = caller.post(f"/notes/{note_id}", headers={"X-HTTP-Method-Override": "PATCH", "If-Match": '"1"'})
    assert is_problem(response, 405, "method_not_allowed")
    assert shop.store.head() == 1


@pytest.mark.parametrize(
    "path",
    ["//notes", "/notes//", "/notes;x", "/notes;x=1/", "/%2e%2e/notes", "/notes/%2e%2e/metrics", "/notes%2Fnews",
     "/notes%00", "/notes%0d%0aSet-Cookie:x", "/notes%5cnews", "/notes\\news",
     "/%252e%252e/", "http://other/notes", "/notes%7f"],
)  # fmt: skip
def test_an_ambiguous_address_is_refused(caller, path):
    response = caller.get("/notes", environ_overrides={"RAW_URI": path})
    assert is_problem(response, 400, "malformed_address")


@pytest.mark.parametrize(
    "path", ["/notes.", "/Notes", "/NOTES", "/notes/", "/notes ", "/./notes", "/notes/..", "/not\u00e9s"]
)
def test_an_address_has_one_spelling(caller, path):
    assert is_problem(caller.get(path), 404, "not_found")


def test_an_id_in_upper_case_is_the_same_id_and_other_spellings_are_not_found(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    assert caller.get(f"/notes/{note_id.upper()}").json["id"] == note_id
    for spelling in (f"{{{note_id}}}", f"urn:uuid:{note_id}", note_id.replace("-", ""), f"{note_id}%20", "1"):
        assert is_problem(caller.get(f"/notes/{spelling}"), 404, "not_found")


def test_an_address_has_at_most_a_hundred_parameters(caller):
    assert is_problem(caller.get("/notes?" + "&".join(["a=1"] * 2_000)), 400, "too_many_parameters")


def test_an_address_is_utf_8(caller):
    assert is_problem(caller.get("/notes?code=%ff"), 400, "not_utf8")


@pytest.mark.parametrize("host", ["", "a,b"])
def test_one_host_is_required(caller, host):
    assert is_problem(caller.get("/notes", environ_overrides={"HTTP_HOST": host}), 400, "malformed_host")


def test_an_internal_error_reveals_no_details(caller, capsys):
    response = caller.post("/notes/break", json={"how": "code"})
    assert is_problem(response, 500, "internal_error")
    for inside in ("secret", "RuntimeError", "Traceback", "shop.py", ".py", "shared", "<html"):
        assert inside not in response.text
    logged = capsys.readouterr().err
    assert "RuntimeError" in logged
    assert "shop.py" in logged
    assert "a secret of shop" not in logged


def test_every_response_has_the_security_headers(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    for response in (
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
        assert response.headers.getlist("Cache-Control") == ["no-store"]
        assert response.headers.getlist("Vary") == ["Authorization, Accept"]
        assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert int(response.headers["Content-Length"]) == len(response.data)
        assert not {"Set-Cookie", "Access-Control-Allow-Origin", "X-Powered-By"} & set(response.headers.keys())


def test_a_foreign_origin_is_not_allowed(caller):
    response = caller.get("/notes?consistency=eventual", headers={"Origin": "https://evil.example", "Cookie": "a=b"})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_page_of_another_app_keeps_its_own_headers():
    app = configure_app(Flask("pages"), "pages")

    @app.get("/docs")
    def docs():
        return "<p>", 200, {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}

    @app.get("/break")
    def broken():
        raise KeyError("inside")

    client = app.test_client()
    assert client.get("/docs").headers.getlist("Content-Security-Policy") == ["default-src 'self'"]
    assert client.get("/docs").headers["Cache-Control"] == "no-store"
    assert is_problem(client.get("/break"), 500, "internal_error")
    assert is_problem(client.get("/nowhere"), 404, "not_found")


# -- traces and log lines


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_each_request_is_one_log_line(caller, capsys):
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


def test_a_refusal_is_logged_with_its_code(caller, capsys):
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
def test_a_foreign_trace_id_is_accepted_only_in_its_exact_form(caller, foreign, capsys):
    response = caller.get("/nowhere", headers={"traceparent": foreign})
    assert re.fullmatch("[0-9a-f]{32}", response.json["trace_id"])
    assert response.json["trace_id"] not in foreign.lower()
    assert all(len(line) < 8_000 for line in capsys.readouterr().err.splitlines())


def test_control_characters_are_escaped_in_log_lines(shop, capsys):
    from shared.telemetry import log

    log.info("received", text='a\r\n{"forged": true}\x1b[31m\x7f\u2028é', long="x" * 1_000_000)
    logged = capsys.readouterr().err
    assert logged.count("\n") == 1
    assert logged.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", logged)
    assert len(logged) < 8_000


def test_values_of_requests_are_in_no_log_line(caller, capsys):
    planted = [uuid4().hex for _ in range(5)]
    caller.post("/notes", json=a_note(name=planted[0], email=f"{planted[1]}@example.com"))
    caller.post("/notes", json=a_note(name=planted[2], role=planted[2]))
    caller.get(f"/notes?code={planted[3]}&{planted[4]}=1")
    caller.post("/notes/break", json={"how": planted[3]})
    caller.get(f"/{planted[4]}")
    caller.get("/notes", headers={"Authorization": f"Bearer {planted[0]}", "Cookie": planted[1]})
    logged = capsys.readouterr().err
    assert logged.count("\n") >= 6
    assert [value for value in planted if value in logged] == []
