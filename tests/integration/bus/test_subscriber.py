"""Every published event has its effect once and in order, also if the stream loses, repeats or reorders messages."""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared import codec
from shared.store import Commit, StoreError
from shared.testing.services import open_service
from tests.integration.bus.bus_world import BusWorld, wait_until
from tests.integration.bus.source_and_listener import Listener

pytestmark = pytest.mark.anyio

OTHER_EPOCH = "0123456789abcdef"


async def test_published_events_are_consumed_once_and_in_order(world: BusWorld) -> None:
    world.publish_changes(20, batch_size=10)
    relay = world.start_silent_relay()
    world.start_subscriber()
    await world.wait_until_settled()
    world.publish_changes(20)
    relay.notify()
    await world.wait_until_settled()
    assert world.feed.requests == 1, "one request to register the source; all events arrived through the stream"


async def test_a_subscriber_waits_for_a_source_without_events(world: BusWorld) -> None:
    world.start_subscriber()
    world.start_relay()
    world.publish_changes(3)
    await world.wait_until_settled()


async def test_messages_repeated_five_times_and_shuffled_have_one_effect(world: BusWorld) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(40, batch_size=5)
        disorder = random.Random(7)  # the same disorder at each run
        messages = [each for each in world.pending_messages() for _ in range(5)]
        for begin in range(0, len(messages), 100):
            window = messages[begin : begin + 100]
            disorder.shuffle(window)
            messages[begin : begin + 100] = window
        await operator.publish(*messages)
        await world.wait_until_settled()


async def test_messages_repeated_in_order_cause_no_request_to_the_source(world: BusWorld) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(20)
        await operator.publish(*[each for each in world.pending_messages() for _ in range(5)])
        await world.wait_until_settled()
        assert world.feed.requests == 0


async def test_duplicates_among_new_messages_have_one_effect(world: BusWorld) -> None:
    relay = world.start_relay()
    world.start_subscriber()
    async with world.operator() as operator:
        for _ in range(5):
            world.publish_changes(10, batch_size=3)
            relay.notify()
            await world.wait_until_settled()
            await operator.publish(*world.source.store.published_events(0, 1000))
    world.publish_changes(5)
    await world.wait_until_settled()


@pytest.mark.parametrize("missing", [{0}, {7}, {7, 8, 9}, {3, 11}], ids=str)
async def test_a_gap_is_filled_from_the_source(world: BusWorld, missing: set[int]) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(20)
        await operator.publish(*[each for place, each in enumerate(world.pending_messages()) if place not in missing])
        await world.wait_until_settled()
        assert world.feed.requests >= 1


async def test_lost_last_messages_are_requested_from_the_source(world: BusWorld) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(20)
        await operator.publish(*world.pending_messages()[:7])
        world.start_announcer()
        await world.wait_until_settled()
        assert world.feed.requests >= 1


async def test_without_a_stream_events_are_read_from_the_feed_of_the_source(world: BusWorld) -> None:
    world.publish_changes(5)
    world.start_announcer()
    world.start_subscriber()
    await world.wait_until_settled()


async def test_a_stream_deleted_while_in_use_loses_no_events(world: BusWorld) -> None:
    relay = world.start_relay()
    world.start_subscriber()
    async with world.operator() as operator:
        for _ in range(3):
            world.publish_changes(20, batch_size=3)
            relay.notify()
            await wait_until(lambda: world.inbox_position() > 0)
            await operator.delete_stream()
            world.publish_changes(20)
            relay.notify()
            await world.wait_until_settled()


async def test_a_new_stream_with_other_sequences_is_read_from_its_end(world: BusWorld) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(20)
        messages = world.pending_messages()
        await operator.publish(*messages)
        await world.wait_until_settled()
        await operator.delete_stream()
        await operator.make_stream()
        await operator.publish(*messages[-2:])
        world.publish_changes(3)
        await operator.publish(*world.pending_messages())
        await world.wait_until_settled()
        requests = world.feed.requests
        world.publish_changes(3)
        await operator.publish(*world.pending_messages())
        await world.wait_until_settled()
        assert world.feed.requests == requests


async def test_an_interruption_after_a_filled_gap_causes_no_request_to_the_source(world: BusWorld) -> None:
    async with world.operator() as operator:
        subscriber = await world.register_source(operator)
        world.publish_changes(20)
        await operator.publish(*world.pending_messages())
        await world.wait_until_settled()
        await world.pause(subscriber)
        await operator.delete_stream()
        await operator.make_stream()
        world.publish_changes(5)
        await operator.publish(*world.pending_messages())
        world.resume(subscriber)
        await world.wait_until_settled()
        assert world.feed.requests == 1, "the new stream is read from its end: earlier events came from the feed"
        await world.pause(subscriber)
        world.publish_changes(3)
        await operator.publish(*world.pending_messages())
        world.resume(subscriber)
        await world.wait_until_settled()
        assert world.feed.requests == 1, "the subscriber continues in the stream where the gap ended"


async def test_an_older_copy_of_the_stream_loses_no_events(world: BusWorld) -> None:
    relay = world.start_relay()
    world.start_subscriber()
    world.publish_changes(20)
    await world.wait_until_settled()
    world.broker.back_up("older")
    world.publish_changes(20, batch_size=3)
    relay.notify()
    await world.wait_until_settled()
    world.broker.restore("older")
    world.publish_changes(10)
    relay.notify()
    await world.wait_until_settled()


async def test_a_broker_killed_and_wiped_loses_no_events(world: BusWorld) -> None:
    relay = world.start_relay()
    world.start_subscriber()
    for fault in (world.broker.kill, world.broker.wipe, world.broker.kill):
        world.publish_changes(30, batch_size=5)
        relay.notify()
        fault()
        if fault == world.broker.kill:
            world.broker.start()
        world.publish_changes(10)
    await world.wait_until_settled()


async def test_two_workers_of_one_service_have_one_effect(world: BusWorld) -> None:
    twin = open_service(Listener, world.folder)
    relay = world.start_relay()
    world.start_subscriber()
    world.start_subscriber(twin)
    for _ in range(20):
        world.publish_changes(7, batch_size=3)
        relay.notify()
    await world.wait_until_settled()


async def test_a_suspended_worker_continues_after_the_position_of_another_worker(world: BusWorld) -> None:
    relay = world.start_relay()
    suspended = world.start_subscriber()
    world.publish_changes(5)
    await world.wait_until_settled()
    await world.pause(suspended)
    other = world.start_subscriber(open_service(Listener, world.folder))
    world.publish_changes(30)
    relay.notify()
    await world.wait_until_settled()
    await world.pause(other)
    world.resume(suspended)
    world.publish_changes(30)
    relay.notify()
    await world.wait_until_settled()


async def test_a_failed_commit_is_retried(world: BusWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    store, commit, failures = world.listener.store, world.listener.store.commit, iter(range(3))

    def failing(attempted: Commit) -> object:
        if next(failures, None) is not None:
            raise StoreError("not now")
        return commit(attempted)

    monkeypatch.setattr(store, "commit", failing)
    world.publish_changes(20)
    world.start_relay()
    world.start_subscriber()
    await world.wait_until_settled()
    assert next(failures, None) is None


async def test_an_unavailable_feed_delays_events_and_drops_none(world: BusWorld) -> None:
    world.feed.is_down = True
    world.publish_changes(20)
    world.start_relay()
    world.start_subscriber()
    await wait_until(lambda: world.feed.requests > 2)
    assert world.inbox_position() == 0
    world.feed.is_down = False
    await world.wait_until_settled()


@pytest.mark.parametrize("how", ["data altered", "from another source", "on another subject", "headers missing"])
async def test_a_forged_message_has_no_effect(world: BusWorld, how: str) -> None:
    async with world.operator() as operator:
        await world.register_source(operator)
        world.publish_changes(10)
        messages = world.pending_messages()
        forged = messages[4]
        await operator.publish(*messages[:4])
        if how == "data altered":
            await operator.publish(replace(forged, data=forged.data.replace(b'days":', b'days":7')))
        elif how == "from another source":
            await operator.publish(forged, **{"ce-source": "/srm"})
        elif how == "on another subject":
            await operator.publish_to("evt.crm.customer.registered.00", forged)
        else:
            await operator.publish(forged, **{"ce-sequence": "first"})
        await operator.publish(*messages[5:])
        await world.wait_until_settled()


async def test_a_repeated_message_with_different_content_raises_an_alarm(
    world: BusWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.start_relay()
    world.start_subscriber()
    world.publish_changes(10)
    await world.wait_until_settled()
    original = world.source.store.published_events(0, 1000)[-1]
    changed_data = original.data[:-1] + b',"more":1}'
    async with world.operator() as operator:
        await operator.publish(replace(original, data=changed_data, digest=codec.digest(changed_data)))
    await wait_until(lambda: "came again with different content" in "".join(capsys.readouterr()))
    world.check_effects()


async def test_a_foreign_stream_is_refused_and_the_feed_is_used(world: BusWorld) -> None:
    relay = world.start_relay()
    subscriber = world.start_subscriber()
    world.publish_changes(10)
    await world.wait_until_settled()
    async with world.operator() as operator:
        foreign = [replace(each, epoch=OTHER_EPOCH) for each in world.source.store.published_events(0, 1000)]
        await operator.wait_until_stored(world.published_ids)
        await world.pause(relay)
        await operator.delete_stream()
        await operator.make_stream()
        await operator.publish(*foreign)
        world.resume(relay)
        await wait_until(lambda: subscriber.refusal_reason is not None and relay.refusal_reason is not None)
        world.publish_changes(10)
        relay.notify()
        await world.wait_until_settled()
        assert subscriber.refusal_reason is not None
        assert await operator.last_sequence() == len(foreign)
        await operator.delete_stream()
        await wait_until(lambda: relay.refusal_reason is None)
        world.publish_changes(10)
        relay.notify()
        await wait_until(lambda: subscriber.refusal_reason is None)
        await world.wait_until_settled()


async def test_a_foreign_stream_is_refused_by_a_new_subscriber(world: BusWorld) -> None:
    world.publish_changes(10)
    async with world.operator() as operator:
        await operator.make_stream()
        await operator.publish(
            *[replace(each, epoch=OTHER_EPOCH) for each in world.source.store.published_events(0, 1000)]
        )
    subscriber = world.start_subscriber()
    await wait_until(lambda: subscriber.refusal_reason is not None)
    await world.wait_until_settled()
    assert subscriber.inbox.position.epoch == world.source.store.epoch


async def test_another_incarnation_of_the_source_is_refused(world: BusWorld, tmp_path: Path) -> None:
    world.start_relay()
    subscriber = world.start_subscriber()
    world.publish_changes(10)
    await world.wait_until_settled()
    before = len(world.effects("Noted"))
    await world.stop()
    world.replace_source(tmp_path / "yesterday")
    world.publish_changes(10)
    world.start_announcer()
    subscriber = world.start_subscriber()
    await wait_until(lambda: subscriber.refusal_reason is not None)
    assert len(world.effects("Noted")) == before


async def test_a_stream_that_cannot_be_read_is_replaced_by_the_feed(world: BusWorld) -> None:
    world.publish_changes(10)
    async with world.operator() as operator:
        await operator.make_stream(allow_direct=False)
        relay = world.start_relay()
        world.start_subscriber()
        await world.wait_until_settled()
        await operator.wait_until_stored(world.published_ids)
        world.publish_changes(10)
        relay.notify()
        await world.wait_until_settled()


async def test_messages_of_a_stream_that_does_not_repeat_them_are_read(world: BusWorld) -> None:
    async with world.operator() as operator:
        await operator.make_stream(republish=None)
        relay = world.start_silent_relay()
        world.start_subscriber()
        for _ in range(3):
            world.publish_changes(10)
            relay.notify()
            await world.wait_until_settled()
    assert world.feed.requests <= 1
