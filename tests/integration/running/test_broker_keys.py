"""The broker keys in the home folder of a running suite: they serve the suite, and nothing else."""

import asyncio
import json
from typing import Any

import pytest

from shared.bus.broker_config import reply_subject_prefix
from shared.bus.connection import BrokerClient
from shared.bus.streams import stream_name
from shared.config import SERVICES
from tests.running_suite import RunningSuite

PUSH = {"ack_policy": "none", "deliver_policy": "all", "deliver_subject": "spy", "inactive_threshold": 10**18}


async def require_refusals(suite: RunningSuite, service: str) -> None:
    """Request all that is forbidden, in all accounts, as the holder of a service's key; wait until all is refused."""
    refused: list[str] = []

    class Watched(BrokerClient):
        async def _on_client_error(self, error: Exception) -> None:
            refused.append(str(error).lower())

    address = f"nats://127.0.0.1:{suite.running['ports']['nats']}"
    seed = (suite.home / "keys" / f"{service}.nkey").read_text()
    bus = Watched(address, name="spy", inbox_prefix=reply_subject_prefix(service), seed=seed)
    connection = await bus.connection()
    try:
        requested = [request for source in SERVICES for request in requests(service, source)]
        for subject, body in requested:
            await connection.publish_json(subject, body)
        async with asyncio.timeout(60):
            while missing := [subject for subject, _ in requested if f'"{subject.lower()}"' not in "".join(refused)]:
                await asyncio.sleep(0.01)
        assert missing == []
    finally:
        await bus.close()


def requests(service: str, source: str) -> list[tuple[str, Any]]:
    prefix, stream = ("$JS.API" if service == source else f"peer.{source}"), stream_name(source)
    created = {"stream_name": stream, "config": PUSH}
    return [
        (f"{prefix}.CONSUMER.CREATE.{stream}", created),
        (f"{prefix}.CONSUMER.DURABLE.CREATE.{stream}.spy", created),
        (f"{prefix}.STREAM.PURGE.{stream}", {}),
        (f"{prefix}.STREAM.DELETE.{stream}", {}),
        (f"{prefix}.STREAM.UPDATE.{stream}", {"name": stream, "subjects": [">"]}),
    ]


def credit_lines(suite: RunningSuite) -> int:
    with suite.client as client:
        return len(client.get("/erp/credit").json()["data"])


def register(suite: RunningSuite, code: str) -> None:
    customer = {"code": code, "name": code, "currency": "USD"}
    with suite.client as client:
        answer = client.post("/crm/customers", json=customer, headers={"Idempotency-Key": code})
    assert answer.status_code == 201, json.dumps(answer.json())


@pytest.mark.case("X21")
def test_no_service_key_of_a_running_suite_creates_a_consumer_or_changes_a_stream(fresh_suite: RunningSuite) -> None:
    register(fresh_suite, "ONE")
    fresh_suite.wait_until_idle()
    for service in SERVICES:
        asyncio.run(require_refusals(fresh_suite, service))
    register(fresh_suite, "TWO")
    fresh_suite.wait_until_idle()
    fresh_suite.kill("nats")
    register(fresh_suite, "THREE")
    fresh_suite.wait_until_idle()
    assert credit_lines(fresh_suite) == 3
