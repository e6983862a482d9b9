"""The process beside the API: says what was published, hears others, folds reports, wakes what waits, chains the log.

The store works without any of it, and it works without the broker: reports and timers go on, the rest
waits and catches up.
"""

import asyncio
import json
import signal
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from structlog import get_logger

from shared.bus.connection import Bus
from shared.bus.feed import HttpFeed
from shared.bus.inline import Run, in_thread, inline
from shared.bus.reactor import Reactor
from shared.bus.relay import Relay
from shared.bus.streams import StreamLimits
from shared.chain.witness import Witness
from shared.config import Settings, SettingsMissing
from shared.hearing import Ear
from shared.identity import Signer
from shared.poke import COMMITTED, WANTED
from shared.service import Service
from shared.telemetry import figures, set_up
from shared.wiring import SQLITE, poke_path
from shared.working.bell import Bell
from shared.working.chaining import Chaining, Witnessing, over_http
from shared.working.page import JSON, Answer, Page
from shared.working.parts import News, Part
from shared.working.standing import Standing

log = get_logger()

FLOOR_SECONDS = 1.0
FOLDED_AT_ONCE = 100
GATHER_SECONDS = 0.02
"""How long a report nobody waits for may wait for more to fold."""
STOP_SECONDS = 4.0
TIMES_TOLD_TO_STOP = 16
"""The client of the broker sometimes swallows a cancellation."""


class Worker:
    """`asyncio.run(Worker(service, settings).run())`; ends on SIGTERM or SIGINT, with the batch in hand finished."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service, self._settings = service, settings
        service.store.check()
        service.read_models.check()
        self._run: Run = inline if settings.database_url.startswith(SQLITE) else in_thread
        self._bus = Bus(
            settings.nats_url,
            name=service.NAME,
            inbox_prefix=settings.inbox_prefix,
            seed=settings.nats_seed_file.read_text().strip(),
        )
        limits = StreamLimits(settings.stream_bytes, settings.stream_replicas)
        self._relay = Relay(service.store, self._bus, limits, self._run)
        self._signer = Signer(service.NAME, bytes.fromhex(settings.identity_seed_file.read_text()))
        self._feeds = self._feeds_of(service.policies.sources())
        self._reactors = [
            Reactor(Ear(service, source), self._bus, feed, self._run) for source, feed in self._feeds.items()
        ]
        self._chaining = Chaining(service.chain, self._run)
        self._witness = Witness(service.chain.kept)
        self._standing = Standing(service, self._relay, self._reactors, self._chaining, self._witness)
        self._for_reports, self._for_timers = News(), News()
        self._stopping = asyncio.Event()
        self._parts = [Part(service.NAME, name, work) for name, work in self._work().items()]
        pages = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics, "/status": self._status}
        self._page = Page(settings.listen_host, settings.status_port, pages)

    async def run(self) -> None:
        """Work until told to stop."""
        set_up(self._service.NAME, self._settings.log_level)
        self._end_on_signals()
        bell = Bell(poke_path(self._settings), {COMMITTED: self._news, WANTED: self._for_reports.ring})
        bell.hang()
        self._service.store.on_commit = self._from_a_thread(self._news)
        await self._page.open()
        working = [asyncio.create_task(each.keep(), name=each.name) for each in self._parts]
        log.info("working", parts=[each.name for each in self._parts])
        await self._stopping.wait()
        bell.take_down()
        await self._stop(working)

    @property
    def port(self) -> int | None:
        """Where it tells how far it is; none before it does."""
        return self._page.port

    @property
    def relayed(self) -> int:
        """Position of the newest published event the stream is known to hold."""
        return self._relay.relayed

    def stop(self) -> None:
        """Have `run` end."""
        self._stopping.set()

    def _end_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, self.stop)

    async def _stop(self, working: list["asyncio.Task[None]"]) -> None:
        late = set(working)
        for _ in range(TIMES_TOLD_TO_STOP):
            for each in late:
                each.cancel()
            _, late = await asyncio.wait(late, timeout=STOP_SECONDS / TIMES_TOLD_TO_STOP)
            if not late:
                break
        else:
            log.warning("stopped without waiting any longer", parts=[each.get_name() for each in late])
        await self._page.close()
        await self._bus.close()
        for feed in self._feeds.values():
            await feed.close()
        log.info("stopped")

    # -- what it does

    def _work(self) -> dict[str, Any]:
        store = self._service.store
        return {
            "reports": self._report,
            "timers": self._wake_due,
            "relay": self._relay.run,
            "announcements": self._relay.announce,
            **{f"hearing {each.source}": each.run for each in self._reactors},
            "chain": self._chaining.keep,
            "witness": self._witnessing().keep,
            "standing": self._watch,
            **({"listening": self._listen} if hasattr(store, "listen") else {}),
        }

    def _news(self) -> None:
        """Something was committed, here or in another process: others hear at once, who looks asks for it."""
        self._relay.wake()
        self._for_reports.ring_within(GATHER_SECONDS)
        self._for_timers.ring_within(GATHER_SECONDS)

    async def _report(self) -> None:
        while True:
            while await self._run(self._service.read_models.advance, FOLDED_AT_ONCE):
                await asyncio.sleep(0)
            await self._for_reports.wait(FLOOR_SECONDS)

    async def _wake_due(self) -> None:
        while True:
            while await self._run(self._service.fire_due, datetime.now(UTC)):
                await asyncio.sleep(0)
            due = await self._run(self._service.store.next_due)
            left = (due - datetime.now(UTC)).total_seconds() if due else FLOOR_SECONDS
            await self._for_timers.wait(max(0.0, min(FLOOR_SECONDS, left)))

    async def _watch(self) -> None:
        while True:
            await self._run(self._standing.look)
            await asyncio.sleep(FLOOR_SECONDS)

    async def _listen(self) -> None:
        """Commits of other processes, where the database itself tells of them."""
        store: Any = self._service.store
        await in_thread(store.listen, self._from_a_thread(self._news), self._stopping.is_set)

    def _from_a_thread(self, tell: Callable[[], None]) -> Callable[[], object]:
        return partial(asyncio.get_running_loop().call_soon_threadsafe, tell)

    def _feeds_of(self, sources: Iterable[str]) -> dict[str, HttpFeed]:
        """The peers themselves, for what their streams do not bring. Raises SettingsMissing for an unknown address."""
        unknown = [each for each in sources if each not in self._settings.peers]
        if unknown:
            raise SettingsMissing(f"SIHE_PEERS does not say where {', '.join(unknown)} is")
        return {each: HttpFeed(self._settings.peers[each], partial(self._token, each)) for each in sources}

    def _witnessing(self) -> Witnessing:
        others = tuple(each for each in self._settings.peers if each != self._service.NAME)
        return Witnessing(self._witness, others, over_http(self._settings.peers, self._token))

    def _token(self, peer: str) -> str:
        """Vouches for this service before another."""
        return self._signer.token(self._service.NAME, (), peer)

    # -- what it tells

    async def _healthz(self) -> Answer:
        return 200, JSON, b'{"status":"ok"}'

    async def _readyz(self) -> Answer:
        await self._run(self._service.store.writable)
        return 200, JSON, b'{"status":"ready"}'

    async def _metrics(self) -> Answer:
        page, kind = figures()
        return 200, kind, page

    async def _status(self) -> Answer:
        told = await self._run(self._standing.told)
        told["broker"] = "connected" if self._bus.connected else "away"
        told["parts"] = {each.name: each.trouble for each in self._parts if each.trouble}
        return 200, JSON, json.dumps(told).encode()
