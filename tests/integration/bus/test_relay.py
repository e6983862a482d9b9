"""What reaches the stream is what was published: all of it, in order, once, whatever happens to the stream."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from shared import codec
from shared.bus.relay import Relay
from shared.bus.streams import MEBIBYTE, high_water_of
from shared.testing.services import opened
from tests.integration.bus.world import LIMITS, Source, World, until

pytestmark = pytest.mark.anyio

OTHER_EPOCH = "0123456789abcdef"
FORGETS_AT_ONCE = 100_000_000
"""The shortest memory for ids a stream may have, in nanoseconds."""


async def test_everything_is_in_the_stream_once_and_in_order(world: World) -> None:
    world.happen(30, at_once=20)
    relay = world.relay()
    async with world.operator() as operator:
        await operator.until_stored(world.said)
        world.happen(3)
        relay.wake()
        await operator.until_stored(world.said)


async def test_the_stream_is_made_as_a_disposable_copy(world: World) -> None:
    world.relay()
    world.happen(1)
    async with world.operator() as operator:
        await operator.until_stored(world.said)
        config = (await operator.api("STREAM.INFO.CRM"))["config"]
    wanted = {
        "subjects": ["evt.crm.>"], "storage": "file", "retention": "limits", "max_age": 0, "discard": "old",
        "duplicate_window": 120_000_000_000, "deny_delete": True, "allow_direct": True, "num_replicas": 1,
        "max_bytes": 16 * MEBIBYTE,
    }  # fmt: skip
    assert {name: config[name] for name in wanted} == wanted


async def test_two_relays_at_once_store_nothing_twice(world: World) -> None:
    relays = [world.relay(), world.relay()]
    async with world.operator() as operator:
        for _ in range(20):
            world.happen(5, at_once=3)
            for relay in relays:
                relay.wake()
        await operator.until_stored(world.said)


async def test_a_relay_that_slept_stores_nothing_out_of_place(world: World) -> None:
    world.happen(5)
    async with world.operator() as operator:
        await operator.make_stream(duplicate_window=FORGETS_AT_ONCE)
        sleeper = Relay(world.source.store, world.bus("crm"), LIMITS)
        world.go_on(sleeper)
        await operator.until_stored(world.said)
        await world.pause(sleeper)
        world.happen(5)
        other = Relay(world.source.store, world.bus("crm"), LIMITS)
        world.go_on(other)
        await operator.until_stored(world.said)
        await asyncio.sleep(0.3)  # longer than the broker remembers ids: only the fence is left
        world.go_on(sleeper)
        world.happen(5)
        await operator.until_stored(world.said)
        await until(lambda: sleeper.relayed == other.relayed == world.source.store.published_head())
        assert await operator.stored() == world.said


async def test_a_deleted_stream_is_filled_again(world: World) -> None:
    world.relay()
    async with world.operator() as operator:
        world.happen(20)
        await operator.until_stored(world.said)
        await operator.delete_stream()
        world.happen(5)
        await operator.until_stored(world.said)


async def test_a_stream_deleted_while_nothing_happens_is_filled_again(world: World) -> None:
    world.relay()
    async with world.operator() as operator:
        world.happen(20)
        await operator.until_stored(world.said)
        await operator.delete_stream()
        await operator.until_stored(world.said)


async def test_a_purged_stream_is_filled_again_though_the_broker_remembers_the_ids(world: World) -> None:
    world.relay()
    async with world.operator() as operator:
        world.happen(20)
        await operator.until_stored(world.said)
        await world.stop()
        await operator.api("STREAM.PURGE.CRM")
        world.relay()
        await operator.until_stored(world.said)


async def test_an_older_copy_of_the_stream_is_continued(world: World) -> None:
    world.relay()
    world.happen(20)
    async with world.operator() as operator:
        await operator.until_stored(world.said)
        world.broker.keep_copy("older")
        world.happen(20)
        await operator.until_stored(world.said)
        world.broker.bring_back("older")
        await operator.until_stored(world.said)


async def test_a_broker_that_forgot_everything_is_told_again(world: World) -> None:
    world.relay()
    world.happen(20)
    async with world.operator() as operator:
        await operator.until_stored(world.said)
        world.broker.wipe()
        world.happen(5)
        await operator.until_stored(world.said)


async def test_a_killed_broker_costs_nothing(world: World) -> None:
    relay = world.relay()
    async with world.operator() as operator:
        for _ in range(3):
            world.happen(50, at_once=10)
            relay.wake()
            await until(lambda: relay.relayed > 0)
            world.broker.kill()
            world.broker.start()
        await operator.until_stored(world.said)


@pytest.mark.parametrize("foreign", ["another epoch", "not in this store", "told otherwise", "no event at all"])
async def test_a_stream_of_another_story_is_never_written_into(world: World, foreign: str) -> None:
    world.happen(3)
    own = world.source.store.published(0, 10)
    strange = {
        "another epoch": replace(own[-1], epoch=OTHER_EPOCH),
        "not in this store": replace(own[-1], sequence=own[-1].sequence + 1000),
        "told otherwise": replace(own[-1], data=b"{}", digest=codec.digest(b"{}")),
        "no event at all": own[-1],
    }[foreign]
    headers = {"ce-type": "nonsense"} if foreign == "no event at all" else {}
    async with world.operator() as operator:
        await operator.make_stream()
        await operator.put(strange, **headers)
        relay = world.relay()
        await until(lambda: relay.refused is not None)
        world.happen(5)
        relay.wake()
        looked_at = relay.refused_at
        await until(lambda: relay.refused_at != looked_at)
        assert await operator.last_sequence() == 1
        await operator.delete_stream()
        await operator.until_stored(world.said)
    assert relay.refused is None


async def test_the_store_put_back_behind_its_stream_is_noticed(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world.relay()
    world.happen(5)
    async with world.operator() as operator:
        await operator.until_stored(world.said)
        before = await operator.last_sequence()
        other = opened(Source, tmp_path_factory.mktemp("other"))
        other.change(other.register())
        relay = world.relay(other)
        await until(lambda: relay.refused is not None)
        assert await operator.last_sequence() == before


async def test_the_high_water_mark_is_told_even_when_nothing_happens(world: World) -> None:
    world.happen(3)
    connection = await world.bus("erp").connection()
    told = await connection.subscribe(high_water_of("crm"))
    await connection.flush()
    world.relay()
    for _ in range(2):
        mark = json.loads((await told.next_msg(timeout=60)).data)
        assert mark == {"epoch": world.source.store.epoch, "head": world.source.store.published_head()}
