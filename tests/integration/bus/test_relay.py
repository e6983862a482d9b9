"""The relay stores every published event in the stream once and in order, also after faults of the stream."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from shared import codec
from shared.bus.streams import MEBIBYTE, newest_position_subject
from shared.testing.services import open_service
from tests.integration.bus.bus_world import BusWorld, wait_until
from tests.integration.bus.source_and_listener import Source

pytestmark = pytest.mark.anyio

OTHER_EPOCH = "0123456789abcdef"
FORGETS_AT_ONCE = 100_000_000
"""The shortest window for duplicate ids that a stream may have, in nanoseconds."""


async def test_every_event_is_in_the_stream_once_and_in_order(world: BusWorld) -> None:
    world.publish_changes(30, batch_size=20)
    relay = world.start_relay()
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        world.publish_changes(3)
        relay.notify()
        await operator.wait_until_stored(world.published_ids)


async def test_the_stream_is_created_as_a_disposable_copy(world: BusWorld) -> None:
    world.start_relay()
    world.publish_changes(1)
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        config = (await operator.api("STREAM.INFO.CRM"))["config"]
    wanted = {
        "subjects": ["evt.crm.>"], "storage": "file", "retention": "limits", "max_age": 0, "discard": "old",
        "duplicate_window": 120_000_000_000, "deny_delete": True, "allow_direct": True, "num_replicas": 1,
        "max_bytes": 16 * MEBIBYTE,
    }  # fmt: skip
    assert {name: config[name] for name in wanted} == wanted


async def test_two_relays_at_once_store_no_event_twice(world: BusWorld) -> None:
    relays = [world.start_relay(), world.start_relay()]
    async with world.operator() as operator:
        for _ in range(20):
            world.publish_changes(5, batch_size=3)
            for relay in relays:
                relay.notify()
        await operator.wait_until_stored(world.published_ids)


async def test_a_suspended_relay_stores_no_event_out_of_order(world: BusWorld) -> None:
    world.publish_changes(5)
    async with world.operator() as operator:
        await operator.make_stream(duplicate_window=FORGETS_AT_ONCE)
        sleeper = world.start_silent_relay()
        await operator.wait_until_stored(world.published_ids)
        await world.pause(sleeper)
        world.publish_changes(5)
        other = world.start_silent_relay()
        await operator.wait_until_stored(world.published_ids)
        await asyncio.sleep(0.3)  # longer than the broker remembers ids: only the fence is left
        world.resume(sleeper)
        world.publish_changes(5)
        await operator.wait_until_stored(world.published_ids)
        await wait_until(
            lambda: sleeper.relayed_position == other.relayed_position == world.source.store.published_head()
        )
        assert await operator.stored() == world.published_ids


async def test_a_deleted_stream_is_filled_again(world: BusWorld) -> None:
    world.start_relay()
    async with world.operator() as operator:
        world.publish_changes(20)
        await operator.wait_until_stored(world.published_ids)
        await operator.delete_stream()
        world.publish_changes(5)
        await operator.wait_until_stored(world.published_ids)


async def test_a_stream_deleted_while_idle_is_filled_again(world: BusWorld) -> None:
    world.start_relay()
    async with world.operator() as operator:
        world.publish_changes(20)
        await operator.wait_until_stored(world.published_ids)
        await operator.delete_stream()
        await operator.wait_until_stored(world.published_ids)


async def test_a_purged_stream_is_filled_again_within_the_window_for_duplicate_ids(world: BusWorld) -> None:
    world.start_relay()
    async with world.operator() as operator:
        world.publish_changes(20)
        await operator.wait_until_stored(world.published_ids)
        await world.stop()
        await operator.api("STREAM.PURGE.CRM")
        world.start_relay()
        await operator.wait_until_stored(world.published_ids)


async def test_an_older_copy_of_the_stream_is_continued(world: BusWorld) -> None:
    world.start_relay()
    world.publish_changes(20)
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        world.broker.back_up("older")
        world.publish_changes(20)
        await operator.wait_until_stored(world.published_ids)
        world.broker.restore("older")
        await operator.wait_until_stored(world.published_ids)


async def test_a_wiped_broker_receives_all_events_again(world: BusWorld) -> None:
    world.start_relay()
    world.publish_changes(20)
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        world.broker.wipe()
        world.publish_changes(5)
        await operator.wait_until_stored(world.published_ids)


async def test_a_killed_broker_loses_no_events(world: BusWorld) -> None:
    relay = world.start_relay()
    async with world.operator() as operator:
        for _ in range(3):
            world.publish_changes(50, batch_size=10)
            relay.notify()
            await wait_until(lambda: relay.relayed_position > 0)
            world.broker.kill()
            world.broker.start()
        await operator.wait_until_stored(world.published_ids)


@pytest.mark.parametrize("foreign", ["another epoch", "not in this store", "other data", "no event at all"])
async def test_the_relay_never_writes_into_a_foreign_stream(world: BusWorld, foreign: str) -> None:
    world.publish_changes(3)
    own = world.source.store.published_events(0, 10)
    strange = {
        "another epoch": replace(own[-1], epoch=OTHER_EPOCH),
        "not in this store": replace(own[-1], sequence=own[-1].sequence + 1000),
        "other data": replace(own[-1], data=b"{}", digest=codec.digest(b"{}")),
        "no event at all": own[-1],
    }[foreign]
    headers = {"ce-type": "nonsense"} if foreign == "no event at all" else {}
    async with world.operator() as operator:
        await operator.make_stream()
        await operator.publish(strange, **headers)
        relay = world.start_relay()
        await wait_until(lambda: relay.refusal_reason is not None)
        world.publish_changes(5)
        relay.notify()
        looked_at = relay.refused_at
        await wait_until(lambda: relay.refused_at != looked_at)
        assert await operator.last_sequence() == 1
        await operator.delete_stream()
        await operator.wait_until_stored(world.published_ids)
    assert relay.refusal_reason is None


async def test_a_store_restored_to_before_its_stream_is_detected(
    world: BusWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world.start_relay()
    world.publish_changes(5)
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        before = await operator.last_sequence()
        other = open_service(Source, tmp_path_factory.mktemp("other"))
        other.customers.change(other.customers.register())
        relay = world.start_relay(other)
        await wait_until(lambda: relay.refusal_reason is not None)
        assert await operator.last_sequence() == before


async def test_the_newest_position_is_announced_without_new_events(world: BusWorld) -> None:
    world.publish_changes(3)
    connection = await world.bus("erp").connection()
    announcements = await connection.subscribe(newest_position_subject("crm"))
    await connection.flush()
    world.start_relay()
    for _ in range(2):
        announced = json.loads((await announcements.next_msg(timeout=60)).data)
        assert announced == {"epoch": world.source.store.epoch, "head": world.source.store.published_head()}


@pytest.mark.case("X6")
async def test_the_relay_publishes_no_message_that_another_program_put_into_the_outbox(world: BusWorld) -> None:
    world.publish_changes(3)
    relay = world.start_relay()
    async with world.operator() as operator:
        await operator.wait_until_stored(world.published_ids)
        genuine = world.published_ids
        columns = "type, aggregate_type, aggregate, version, recorded_at, meta, traceparent, digest, data"
        forge = f"""INSERT INTO outbox SELECT position+1, position, {columns} FROM outbox
            ORDER BY position DESC LIMIT 1"""
        world.source.store._connections.get().execute(forge)  # type: ignore[attr-defined]
        relay.notify()
        await wait_until(lambda: relay.refusal_reason is not None)
        assert "was not written by the service" in str(relay.refusal_reason)
        await operator.wait_until_stored(genuine)
