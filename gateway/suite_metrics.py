"""`GET /metrics`: the state of the whole suite for Prometheus, on one page."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.authentication import authenticate, require_role
from gateway.components import GatewayComponents, current_components
from gateway.lag import lag
from gateway.merged_metrics import ProcessPage, Sample, SuiteMetric, merged_page
from gateway.rate_limits import client_network
from gateway.routes import OWN_SERVICE, Route
from shared.backup_record import newest_backup
from shared.http_client import HttpClient, Unreachable
from shared.http_connection import HttpResponse
from shared.telemetry import prometheus_metrics
from shared.web.body_limits import BodyKind

suite_metrics = Blueprint("suite_metrics", __name__)

ROUTE = Route("GET", "metrics", OWN_SERVICE, "gateway.operations:read_metrics", BodyKind.SHORT)
"""The page has no place under `/api/v1`: programs that collect metrics look for it at the root."""


@suite_metrics.get("/metrics")
def show_metrics() -> Response:
    """Return the metrics of all processes and of the suite as a whole, for a key with the role `monitor`."""
    components = current_components()
    address = client_network(request.environ.get("REMOTE_ADDR", ""))
    authorization = request.environ.get("HTTP_AUTHORIZATION")
    require_role(ROUTE, authenticate(authorization, address, components.keyring, components.limits.guesses))
    pages, statuses, ready = _read_all(components)
    own = _suite_metrics(components, pages, statuses, ready)
    return Response(merged_page(pages, own), content_type=CONTENT_TYPE_LATEST)


def _read_all(components: GatewayComponents) -> tuple[list[ProcessPage], dict[str, Any], dict[str, bool]]:
    """Read the metrics of all processes, the statuses of the workers, and whether each API is ready, at once."""
    submit = components.services.threads.submit
    readers = [(name, "api", client) for name, client in components.probes.items()]
    readers += [(name, "worker", client) for name, client in components.workers.items()]
    pages = [(name, process, submit(_read, client, "/metrics")) for name, process, client in readers]
    statuses = {name: submit(_read, client, "/status") for name, client in components.workers.items()}
    ready = {name: submit(_read, client, "/readyz") for name, client in components.probes.items()}
    answered = [ProcessPage(name, process, _body(each.result())) for name, process, each in pages]
    own = ProcessPage(OWN_SERVICE, "gateway", prometheus_metrics()[0])
    known = {name: _content(each.result()) for name, each in statuses.items()}
    return [own, *answered], known, {name: each.result() is not None for name, each in ready.items()}


def _body(response: HttpResponse | None) -> bytes | None:
    return response.body if response else None


def _content(response: HttpResponse | None) -> Any:
    return response.json() if response else None


def _read(client: HttpClient, path: str) -> HttpResponse | None:
    """Return a response that is well; None for any other."""
    try:
        response = client.request("GET", path, {})
    except Unreachable:
        return None
    return response if response.is_ok else None


def _suite_metrics(
    components: GatewayComponents, pages: list[ProcessPage], statuses: dict[str, Any], ready: Mapping[str, bool]
) -> Iterator[SuiteMetric]:
    answers = [Sample({"service": each.service, "process": each.process}, each.page is not None) for each in pages]
    yield SuiteMetric("sihe_process_up", "Whether the process answers.", answers)
    writes = [Sample({"service": name}, is_ready) for name, is_ready in ready.items()]
    yield SuiteMetric("sihe_service_ready", "Whether the API of the service answers and can write.", writes)
    pending = lag(statuses, statuses)["services"]
    yield from _pending_work(pending)
    alarms = {name: each["alarms"] for name, each in pending.items()} | {OWN_SERVICE: components.log_check.alarms}
    raised = [Sample({"service": name, "of": of}, 1) for name, each in alarms.items() for of in each]
    yield SuiteMetric("sihe_suite_alarm", "1 for each alarm that an operator must look at.", raised)
    yield from _home_metrics(components)


def _pending_work(services: Mapping[str, Mapping[str, Any]]) -> Iterator[SuiteMetric]:
    def seconds(part: str) -> list[Sample]:
        return [Sample({"service": name}, each[part]["seconds"]) for name, each in services.items()]

    def by(label: str, part: str) -> list[Sample]:
        found = [(name, of, backlog) for name, each in services.items() for of, backlog in each[part].items()]
        return [Sample({"service": name, label: of}, backlog["seconds"]) for name, of, backlog in found]

    yield SuiteMetric("sihe_relay_behind_seconds", "For how long events wait to be published.", seconds("relay"))
    yield SuiteMetric("sihe_chain_behind_seconds", "For how long events wait to be chained.", seconds("chain"))
    received = by("source", "reactors")
    yield SuiteMetric("sihe_inbox_behind_seconds", "For how long messages wait to be applied.", received)
    shown = by("projection", "reports")
    yield SuiteMetric("sihe_projection_behind_seconds", "For how long events wait to be shown.", shown)
    due = [Sample({"service": name}, each["timers_due"]) for name, each in services.items()]
    yield SuiteMetric("sihe_timers_due", "Timers that are due and have not fired.", due)


def _home_metrics(components: GatewayComponents) -> Iterator[SuiteMetric]:
    """Yield the age of the newest backup and the room of the disk, if the gateway sees the home folder."""
    if newest := newest_backup(components.home):
        age = (datetime.now(UTC) - newest.taken_at).total_seconds()
        yield SuiteMetric("sihe_backup_age_seconds", "Since the newest backup.", [Sample({}, age)])
    if components.home.is_dir():
        disk = shutil.disk_usage(components.home)
        yield SuiteMetric("sihe_disk_bytes", "Size of the disk with the home folder.", [Sample({}, disk.total)])
        yield SuiteMetric("sihe_disk_free_bytes", "Free space of that disk.", [Sample({}, disk.free)])
