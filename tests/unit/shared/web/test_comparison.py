"""A store that cannot prove that it is the service's takes no commands before the other services were asked."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared.bus.blocking_calls import run_inline
from shared.bus.event_feed import FeedUnavailable
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.codec import encode
from shared.service import Service
from shared.store.integrity import IntegrityFailure
from shared.store.suspension import StoreNotCompared
from shared.testing.services import open_service
from shared.testing.web import Client
from shared.wiring import migrate_for_use
from shared.worker import checkpoint_monitor_task
from shared.worker.chain_task import ChainTask
from shared.worker.checkpoint_monitor_task import CheckpointMonitorTask
from tests.unit.shared.web.shop import Shop, a_note, create_caller, open_shop


class Bakery(Service):
    NAME = "bakery"


class Brewery(Service):
    NAME = "brewery"


@dataclass
class Others:
    """The other services: each answers from what it holds, unless it is away."""

    services: dict[str, Service]
    away: set[str] = field(default_factory=set)
    asked_for_own: list[str] = field(default_factory=list)
    """Those asked for their own checkpoint, which is the end of a round."""

    def __call__(self, service: str, path: str) -> bytes:
        if path.startswith("/audit/checkpoint?"):
            self.asked_for_own.append(service)
            return encode(None)
        if service in self.away:
            raise FeedUnavailable(service)
        *_, name, newest = path.split("/")
        assert newest == "newest"
        return encode(self.services[service].chain.checkpoints.newest(name))

    def hold_checkpoint_of(self, shop: Shop, *, holder: str) -> None:
        shop.chain.extend_to_end()
        self.services[holder].chain.checkpoints.add(shop.chain.create_checkpoint())


@pytest.fixture
def others(tmp_path: Path) -> Others:
    return Others({each.NAME: open_service(each, tmp_path / "others") for each in (Bakery, Brewery)})


class Worker:
    """The part of the worker of the shop that compares its store."""

    def __init__(self, shop: Shop, others: Others) -> None:
        self.chain_task = ChainTask(shop.chain, run_inline)
        monitor = CheckpointMonitor(shop.chain.checkpoints)
        self.task = CheckpointMonitorTask(monitor, tuple(others.services), others, ("shop", self.chain_task))

    def ask_all(self) -> None:
        self.chain_task.start()
        for each in self.task._peers:
            self.task.check_own(each)

    def run_until(self, condition: Callable[[], object]) -> None:
        self.chain_task.start()
        asyncio.run(self._run_until(condition))

    async def _run_until(self, condition: Callable[[], object]) -> None:
        running = asyncio.create_task(self.task.run())
        while not condition():
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])


def take(caller: Client, code: str) -> Any:
    return caller.post("/notes", json=a_note(code=code))


def lost_and_migrated(shop: Shop, folder: Path, *names: str) -> Shop:
    """Return the shop after it lost files and was started again."""
    for each in (shop.store, shop.chain, shop.read_models):
        each.close()
    for name in names:
        for file in folder.rglob(f"shop/{name}.db*"):
            file.unlink()
    again = open_shop(folder)
    migrate_for_use(again)
    return again


def test_a_new_store_takes_its_first_command_once_all_other_services_have_answered(
    shop: Shop, caller: Client, others: Others
) -> None:
    migrate_for_use(shop)
    others.away = {"brewery"}
    worker = Worker(shop, others)
    worker.ask_all()
    refused = take(caller, "N-1")
    assert (refused.status_code, refused.json["code"]) == (503, "store_not_compared")
    assert "is used as soon as the other services have confirmed" in refused.json["detail"]
    assert "restore all services from one backup" in refused.json["detail"]
    assert refused.headers["Retry-After"]
    assert worker.chain_task.failure == refused.json["detail"]

    others.away = set()
    worker.run_until(lambda: not shop.chain.comparison.pending)
    assert take(caller, "N-1").status_code == 201
    assert worker.chain_task.failure is None


def test_nothing_is_signed_or_published_before_the_store_was_compared(shop: Shop) -> None:
    migrate_for_use(shop)
    for use in (shop.chain.create_checkpoint, shop.chain.latest_checkpoint, lambda: shop.store.published_events(0, 10)):
        with pytest.raises(StoreNotCompared):
            use()


@pytest.mark.parametrize("lost", [("events",), ("events", "chain")], ids=["its events", "its events and chain"])
def test_a_store_that_replaced_a_lost_one_takes_no_command(
    shop: Shop, caller: Client, others: Others, tmp_path: Path, lost: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    take(caller, "N-1")
    others.hold_checkpoint_of(shop, holder="bakery")
    again = lost_and_migrated(shop, tmp_path, *lost)
    caller = create_caller(again)
    assert take(caller, "N-2").status_code == 503

    others.away = {"brewery"}
    monkeypatch.setattr(checkpoint_monitor_task, "MAX_WAIT_SECONDS", 0.0)
    worker = Worker(again, others)
    worker.run_until(lambda: others.asked_for_own)
    refused = take(caller, "N-2")
    assert (refused.status_code, refused.json["code"]) == (503, "integrity")
    assert "another event store than the one of which 1 events were signed" in refused.json["detail"]
    assert "restore all services from one backup" in refused.json["detail"]


def test_services_that_are_away_for_long_do_not_stop_a_new_store(
    shop: Shop, caller: Client, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_for_use(shop)
    others.away = {*others.services}
    monkeypatch.setattr(checkpoint_monitor_task, "MAX_WAIT_SECONDS", 0.0)
    Worker(shop, others).run_until(lambda: not shop.chain.comparison.pending)
    assert take(caller, "N-1").status_code == 201


def test_a_store_that_its_last_checkpoint_proves_waits_for_nothing(
    shop: Shop, caller: Client, others: Others, tmp_path: Path
) -> None:
    take(caller, "N-1")
    others.hold_checkpoint_of(shop, holder="bakery")
    assert take(create_caller(lost_and_migrated(shop, tmp_path)), "N-2").status_code == 201


def test_a_store_that_lost_only_its_chain_goes_on_once_the_others_agree(
    shop: Shop, caller: Client, others: Others, tmp_path: Path
) -> None:
    take(caller, "N-1")
    others.hold_checkpoint_of(shop, holder="bakery")
    again = lost_and_migrated(shop, tmp_path, "chain")
    caller = create_caller(again)
    assert take(caller, "N-2").status_code == 503
    Worker(again, others).run_until(lambda: not again.chain.comparison.pending)
    assert take(caller, "N-2").status_code == 201


def test_an_older_copy_of_events_and_chain_stays_refused_after_another_start(
    shop: Shop, caller: Client, others: Others, tmp_path: Path
) -> None:
    """Its own last checkpoint agrees with it: what is missing is known to the other services only."""
    shop.chain.create_checkpoint()
    copied = {file: file.read_bytes() for file in closed(shop, tmp_path)}
    newer = open_shop(tmp_path)
    take(create_caller(newer), "N-1")
    others.hold_checkpoint_of(newer, holder="bakery")
    closed(newer, tmp_path)
    for file, content in copied.items():
        file.write_bytes(content)

    older = lost_and_migrated(open_shop(tmp_path), tmp_path)
    Worker(older, others).ask_all()
    with pytest.raises(IntegrityFailure, match="has 0 events, but 1 events were signed"):
        older.store.require_not_suspended()

    again = lost_and_migrated(older, tmp_path)
    others.away = {*others.services}
    worker = Worker(again, others)
    worker.ask_all()
    worker.chain_task.verify_all()
    with pytest.raises(IntegrityFailure, match="has 0 events, but 1 events were signed"):
        again.store.require_not_suspended()


def closed(shop: Shop, folder: Path) -> list[Path]:
    """Close the databases of the shop and return their files."""
    shop.store.checkpoint(is_last=True)
    for each in (shop.store, shop.chain, shop.read_models):
        each.close()
    return [file for name in ("events", "chain") for file in folder.rglob(f"shop/{name}.db")]
