"""Every published event has its effect once, in order, whatever the stream does to it on the way."""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared import codec
from shared.store import Commit, StoreError
from shared.testing.services import opened
from tests.integration.bus.world import Listener, World, until

pytestmark = pytest.mark.anyio

OTHER_EPOCH = "0123456789abcdef"


async def test_what_is_said_is_heard_once_and_in_order(world: World) -> None:
    world.happen(20, at_once=10)
    relay = world.relay()
    world.reactor()
    await world.settled()
    world.happen(20)
    relay.wake()
    await world.settled()
    assert world.feed.asked == 1, "only to know the source; all else came by the stream"


async def test_a_source_that_has_not_begun_is_waited_for(world: World) -> None:
    world.reactor()
    world.relay()
    world.happen(3)
    await world.settled()


async def test_messages_five_times_each_and_shuffled_have_one_effect(world: World) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(40, at_once=5)
        disorder = random.Random(7)  # the same disorder at each run
        messages = [each for each in world.news() for _ in range(5)]
        for begin in range(0, len(messages), 100):
            window = messages[begin : begin + 100]
            disorder.shuffle(window)
            messages[begin : begin + 100] = window
        await operator.put(*messages)
        await world.settled()


async def test_messages_repeated_in_order_need_no_help_of_the_source(world: World) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(20)
        await operator.put(*[each for each in world.news() for _ in range(5)])
        await world.settled()
        assert world.feed.asked == 0


async def test_duplicates_among_the_living_have_one_effect(world: World) -> None:
    relay = world.relay()
    world.reactor()
    async with world.operator() as operator:
        for _ in range(5):
            world.happen(10, at_once=3)
            relay.wake()
            await world.settled()
            await operator.put(*world.source.store.published(0, 1000))
    world.happen(5)
    await world.settled()


@pytest.mark.parametrize("missing", [{0}, {7}, {7, 8, 9}, {3, 11}], ids=str)
async def test_a_hole_is_filled_by_the_source(world: World, missing: set[int]) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(20)
        await operator.put(*[each for place, each in enumerate(world.news()) if place not in missing])
        await world.settled()
        assert world.feed.asked >= 1


async def test_a_lost_tail_is_fetched(world: World) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(20)
        await operator.put(*world.news()[:7])
        world.announcer()
        await world.settled()
        assert world.feed.asked >= 1


async def test_without_any_stream_the_source_itself_is_heard(world: World) -> None:
    world.happen(5)
    world.announcer()
    world.reactor()
    await world.settled()


async def test_a_stream_deleted_under_way_changes_nothing(world: World) -> None:
    relay = world.relay()
    world.reactor()
    async with world.operator() as operator:
        for _ in range(3):
            world.happen(20, at_once=3)
            relay.wake()
            await until(lambda: world.heard_up_to() > 0)
            await operator.delete_stream()
            world.happen(20)
            relay.wake()
            await world.settled()


async def test_a_stream_made_anew_with_other_places_is_read_on_from_its_end(world: World) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(20)
        messages = world.news()
        await operator.put(*messages)
        await world.settled()
        await operator.delete_stream()
        await operator.make_stream()
        await operator.put(*messages[-2:])
        world.happen(3)
        await operator.put(*world.news())
        await world.settled()
        asked = world.feed.asked
        world.happen(3)
        await operator.put(*world.news())
        await world.settled()
        assert world.feed.asked == asked


async def test_an_older_copy_of_the_stream_changes_nothing(world: World) -> None:
    relay = world.relay()
    world.reactor()
    world.happen(20)
    await world.settled()
    world.broker.keep_copy("older")
    world.happen(20, at_once=3)
    relay.wake()
    await world.settled()
    world.broker.bring_back("older")
    world.happen(10)
    relay.wake()
    await world.settled()


async def test_a_broker_killed_and_wiped_changes_nothing(world: World) -> None:
    relay = world.relay()
    world.reactor()
    for accident in (world.broker.kill, world.broker.wipe, world.broker.kill):
        world.happen(30, at_once=5)
        relay.wake()
        accident()
        if accident == world.broker.kill:
            world.broker.start()
        world.happen(10)
    await world.settled()


async def test_two_workers_of_one_service_have_one_effect(world: World) -> None:
    twin = opened(Listener, world.folder)
    relay = world.relay()
    world.reactor()
    world.reactor(twin)
    for _ in range(20):
        world.happen(7, at_once=3)
        relay.wake()
    await world.settled()


async def test_a_worker_that_slept_while_another_worked_goes_on_behind_it(world: World) -> None:
    relay = world.relay()
    sleeper = world.reactor()
    world.happen(5)
    await world.settled()
    await world.pause(sleeper)
    other = world.reactor(opened(Listener, world.folder))
    world.happen(30)
    relay.wake()
    await world.settled()
    await world.pause(other)
    world.go_on(sleeper)
    world.happen(30)
    relay.wake()
    await world.settled()


async def test_passing_trouble_of_the_store_is_waited_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store, commit, failures = world.listener.store, world.listener.store.commit, iter(range(3))

    def failing(what: Commit) -> object:
        if next(failures, None) is not None:
            raise StoreError("not now")
        return commit(what)

    monkeypatch.setattr(store, "commit", failing)
    world.happen(20)
    world.relay()
    world.reactor()
    await world.settled()
    assert next(failures, None) is None


async def test_a_feed_that_is_away_delays_and_drops_nothing(world: World) -> None:
    world.feed.away = True
    world.happen(20)
    world.relay()
    world.reactor()
    await until(lambda: world.feed.asked > 2)
    assert world.heard_up_to() == 0
    world.feed.away = False
    await world.settled()


@pytest.mark.parametrize("how", ["data altered", "spoken by another", "on another subject", "headers missing"])
async def test_what_nobody_published_has_no_effect(world: World, how: str) -> None:
    async with world.operator() as operator:
        await world.introduce(operator)
        world.happen(10)
        messages = world.news()
        forged = messages[4]
        await operator.put(*messages[:4])
        if how == "data altered":
            await operator.put(replace(forged, data=forged.data.replace(b'days":', b'days":7')))
        elif how == "spoken by another":
            await operator.put(forged, **{"ce-source": "/srm"})
        elif how == "on another subject":
            await operator.put_on("evt.crm.customer.registered.00", forged)
        else:
            await operator.put(forged, **{"ce-sequence": "first"})
        await operator.put(*messages[5:])
        await world.settled()


async def test_the_same_message_with_other_content_is_an_alarm(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.relay()
    world.reactor()
    world.happen(10)
    await world.settled()
    told = world.source.store.published(0, 1000)[-1]
    otherwise = told.data[:-1] + b',"more":1}'
    async with world.operator() as operator:
        await operator.put(replace(told, data=otherwise, digest=codec.digest(otherwise)))
    await until(lambda: "the same message with other content" in "".join(capsys.readouterr()))
    world.everything_once()


async def test_a_foreign_stream_is_refused_and_the_source_itself_still_heard(world: World) -> None:
    relay = world.relay()
    reactor = world.reactor()
    world.happen(10)
    await world.settled()
    async with world.operator() as operator:
        foreign = [replace(each, epoch=OTHER_EPOCH) for each in world.source.store.published(0, 1000)]
        await operator.until_stored(world.said)
        await world.pause(relay)
        await operator.delete_stream()
        await operator.make_stream()
        await operator.put(*foreign)
        world.go_on(relay)
        await until(lambda: reactor.refused is not None and relay.refused is not None)
        world.happen(10)
        relay.wake()
        await world.settled()
        assert reactor.refused is not None
        assert await operator.last_sequence() == len(foreign)
        await operator.delete_stream()
        await until(lambda: relay.refused is None)
        world.happen(10)
        relay.wake()
        await until(lambda: reactor.refused is None)
        await world.settled()


async def test_a_foreign_stream_is_not_believed_even_by_one_who_hears_for_the_first_time(world: World) -> None:
    world.happen(10)
    async with world.operator() as operator:
        await operator.make_stream()
        await operator.put(*[replace(each, epoch=OTHER_EPOCH) for each in world.source.store.published(0, 1000)])
    reactor = world.reactor()
    await until(lambda: reactor.refused is not None)
    await world.settled()
    assert reactor.ear.position.epoch == world.source.store.epoch


async def test_a_source_put_back_to_yesterday_is_refused(world: World, tmp_path: Path) -> None:
    world.relay()
    reactor = world.reactor()
    world.happen(10)
    await world.settled()
    before = len(world.effects("Noted"))
    await world.stop()
    world.replace_source(tmp_path / "yesterday")
    world.happen(10)
    world.announcer()
    reactor = world.reactor()
    await until(lambda: reactor.refused is not None)
    assert len(world.effects("Noted")) == before
