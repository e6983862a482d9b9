"""A recording: everything a filled suite answers, as it is, in one JSON document."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from tests.running_suite import RunningSuite
from tests.same_answers import questions, refusals
from tests.same_answers.answers import Answer, Question, Reader, Row
from tests.same_answers.conflicts import conflicts
from tests.same_answers.document import Operation, operations, shape
from tests.same_answers.fill import Marks, Report, fill
from tests.same_answers.order import in_order

LOGS = ("crm", "srm", "scm", "erp", "gateway")
BY_TIME = ".AccessLogLength."
ORDERS = "/crm/sales-orders"
OPENAPI, ASYNCAPI = ("paths",), ("channels", "operations")

Recording = dict[str, Any]
Events = dict[str, list[Row]]


def recorded(suite: RunningSuite, report: Report, data: Path | None) -> Recording:
    """Fill an empty suite and return its recording."""
    today = datetime.now(UTC).date()
    marks = fill(suite, report, data)
    keys = refusals.issued_keys(suite)
    reader = Reader(suite.client)
    documents = {name: _document(suite, name) for name in ("openapi", "asyncapi")}
    offered = list(operations(documents["openapi"]))
    report("the events")
    events = _events(reader)
    accesses = reader.lines("/audit/readings")
    report("the lists")
    lists = questions.whole_lists(reader, offered)
    answers = _answers(reader, offered, lists, marks, events, report)
    report("requests that are refused")
    sent = chain(refusals.all_mistakes(offered), conflicts(offered, lists))
    refused = refusals.refused(suite, keys, sent)
    stored = {log: len(lines) for log, lines in _events(reader).items()}
    return {
        "today": str(today),
        "events": events,
        "counts": {log: dict(Counter(each["type"] for each in lines)) for log, lines in events.items()},
        "access log": _accesses(accesses),
        "answers": answers,
        "refusals": refused,
        "stored by refusals": {log: stored[log] - len(lines) for log, lines in events.items()},
        "openapi": shape(documents["openapi"], OPENAPI),
        "asyncapi": shape(documents["asyncapi"], ASYNCAPI),
    }


def _document(suite: RunningSuite, name: str) -> Any:
    with suite.client as client:
        return client.get(f"{suite.url}/{name}.json").raise_for_status().json()


def _events(reader: Reader) -> Events:
    """Return the events of each log, without those that time alone brings: the length of the access log."""
    with ThreadPoolExecutor(len(LOGS)) as threads:
        found = threads.map(lambda log: reader.lines(f"/audit/{log}/events"), LOGS)
        return {
            log: [each for each in lines if BY_TIME not in each["type"]] for log, lines in zip(LOGS, found, strict=True)
        }


def _accesses(records: list[Row]) -> list[Row]:
    """Return who read which kind of path: how often a caller had to wait and ask again does not count."""
    entries = [each.get("entry") or each["reading"] for each in records]
    found = {(each["actor"], each["path"].split("/")[3]) for each in entries}
    return [{"actor": actor, "service": service} for actor, service in sorted(found)]


def _answers(
    reader: Reader, offered: list[Operation], lists: questions.Lists, marks: Marks, events: Events, report: Report
) -> dict[str, Answer]:
    found: dict[str, Answer] = {f"GET {path}": {"status": 200, "body": rows} for path, rows in lists.items()}
    for name, asked in (
        ("the records", questions.records(offered, lists)),
        ("the statements", questions.statements(offered, marks)),
        ("the filters", questions.filters(offered, lists)),
        ("the audit trail", _trail(lists[ORDERS], events)),
    ):
        report(name)
        found |= reader.answers(asked)
    report("the orders of lists")
    by_column = list(questions.sorted_lists(offered))
    pages = reader.answers(question for _, question in by_column)
    found |= {
        label: questions.column_of(page, column) for (column, _), (label, page) in zip(by_column, pages, strict=True)
    }
    return found


def _trail(orders: list[Row], events: Events) -> Iterator[Question]:
    """Ask for the past of ten orders, and for the events that have the same correlation."""
    for order in in_order(orders)[:: max(1, len(orders) // questions.ORDERS_TRACED)]:
        mine = [each for each in events["crm"] if each["aggregate"] == order["id"]]
        for version in [each["version"] for each in mine if each["actor"] not in LOGS] + [len(mine)]:
            yield Question.of(f"/audit/crm/aggregates/{order['id']}", version=str(version))
        for correlation in dict.fromkeys(each["correlation"] for each in mine):
            yield from (Question.of(f"/audit/{log}/events", correlation=correlation) for log in LOGS[:4])
