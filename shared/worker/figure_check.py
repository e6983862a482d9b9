"""Standing check of figures: compares those of this service with those of the service that they follow from."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from urllib.parse import quote

from prometheus_client import Gauge
from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner, run_in_thread
from shared.bus.event_feed import FeedUnavailable
from shared.codec import DecodeError, decode
from shared.projections.figures import FIRST, Figure, FigurePage, Figures, describe_difference, read_figures
from shared.service import Service
from shared.worker.checkpoint_monitor_task import FetchFromPeer

log = get_logger()

LOOK_SECONDS = 5.0
MAX_FINDINGS = 10
"""Findings that the alarm lists; the log of the process has all."""
ZERO = Decimal(0)

DIFFERENT = Gauge("sihe_different_figures", "Figures that differ from those of their source.", ("service", "figures"))


@dataclass(frozen=True, slots=True)
class Received:
    """What has arrived of a source: the position that is processed, and the newest known one."""

    epoch: str | None
    position: int
    head: int


ReadReceived = Callable[[], Mapping[str, Received]]
"""Returns what has arrived of each source."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A difference seen once: when the source last changed the figure, and what had to be processed until then."""

    changed_at: int
    heads: Mapping[str, int]

    def is_confirmed(self, theirs: Figure | None, received: Mapping[str, Received]) -> bool:
        """Return whether the figure is still the same although all that was under way has been processed."""
        is_unchanged = _changed_at(theirs) == self.changed_at
        return is_unchanged and all(received[source].position >= head for source, head in self.heads.items())


class FigureCheck:
    """Compares a page of figures with each `look`, from the first to the last and again.

    A difference counts when a second look finds it, the source has not changed the figure between, and everything
    that the services had published at the first look is processed: then nothing under way explains it.
    """

    def __init__(self, service: Service, figures: type[Figures], received: ReadReceived, fetch: FetchFromPeer) -> None:
        assert figures.source is not None, "figures are compared with those of a source"
        self._service, self._figures, self._source = service, figures, figures.source
        self._received, self._fetch = received, fetch
        self._after, self._is_second_look = FIRST, False
        self._suspicions: dict[str, Suspicion] = {}
        self._findings: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self._figures.name

    @property
    def failure(self) -> str | None:
        """The figures that differ, and the parked messages of the source, which may be the reason."""
        findings = list(self._findings.values())
        more = [f"{len(findings) - MAX_FINDINGS} more figures differ"] if len(findings) > MAX_FINDINGS else []
        return "; ".join([*findings[:MAX_FINDINGS], *more, *self._parked()]) if findings else None

    def _parked(self) -> list[str]:
        parked = [each.message.type for each in self._service.store.parked_entries(self._source)]
        kinds = ", ".join(sorted(set(parked)))
        return [f"{len(parked)} messages of {self._source} are parked: {kinds}"] if parked else []

    def look(self) -> None:
        """Compare the next page, or the same again after differences. Raises FeedUnavailable, DecodeError."""
        received = self._received()
        head = self._service.store.head()
        own = read_figures(self._service.store, self._service.read_models, self._figures, self._after)
        theirs = self._fetch_page()
        if own is None or own.position < head or not _includes(theirs, received[self._source]):
            return
        last = min((each for each in (own.last_key, theirs.last_key) if each is not None), default=None)
        has_new = self._compare(_until(own, last), _until(theirs, last), received, theirs.published_head)
        self._go_on(last, has_new)
        DIFFERENT.labels(self._service.NAME, self.name).set(len(self._findings))

    def _fetch_page(self) -> FigurePage:
        path = f"/figures/{self.name}?after={quote(self._after, safe='')}"
        return decode(self._fetch(self._source, path), FigurePage)

    def _go_on(self, last: str | None, has_new: bool) -> None:
        self._is_second_look = has_new and not self._is_second_look
        if not self._is_second_look:
            self._after = FIRST if last is None else last

    def _compare(
        self,
        own: Mapping[str, Figure],
        theirs: Mapping[str, Figure],
        received: Mapping[str, Received],
        published_head: int,
    ) -> bool:
        """Compare the figures of a page; return whether some differ that must be looked at again."""
        heads = {name: each.head for name, each in received.items()} | {self._source: published_head}
        new = [each for each in {*own, *theirs} if not self._settle(each, own.get(each), theirs.get(each), received)]
        self._suspicions.update((each, Suspicion(_changed_at(theirs.get(each)), heads)) for each in new)
        return bool(new)

    def _settle(self, key: str, own: Figure | None, theirs: Figure | None, received: Mapping[str, Received]) -> bool:
        """Take a figure as equal or as different for certain; return false if it must be looked at again."""
        if _amount(own) == _amount(theirs):
            self._suspicions.pop(key, None)
            self._findings.pop(key, None)
            return True
        suspicion = self._suspicions.get(key)
        if suspicion is None or not suspicion.is_confirmed(theirs, received):
            return False
        self._add_finding(key, own, theirs)
        return True

    def _add_finding(self, key: str, own: Figure | None, theirs: Figure | None) -> None:
        text = describe_difference(key, self._source, _amount(theirs), self._service.NAME, _amount(own))
        if self._findings.get(key) != text:
            log.error("figures differ", figures=self.name, reason=text)
        self._findings[key] = text


class FigureCheckTask:
    """Worker task: looks at a page of each of the figures every few seconds."""

    def __init__(self, checks: Sequence[FigureCheck], run: BlockingCallRunner = run_in_thread) -> None:
        self.checks, self._execute = checks, run

    async def run(self) -> None:
        """Run without end; a source that does not answer is requested again."""
        while True:
            for each in self.checks:
                await self._execute(partial(self._look, each))
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self, check: FigureCheck) -> None:
        try:
            check.look()
        except (FeedUnavailable, DecodeError) as error:
            log.debug("figures not compared", figures=check.name, reason=str(error))


def _includes(page: FigurePage, received: Received) -> bool:
    """Return whether a page of the source includes everything that was received of it."""
    return page.epoch == received.epoch and page.position >= received.position


def _until(page: FigurePage, last: str | None) -> dict[str, Figure]:
    return {each.key: each for each in page.figures if last is None or each.key <= last}


def _amount(figure: Figure | None) -> Decimal:
    return figure.amount if figure else ZERO


def _changed_at(figure: Figure | None) -> int:
    return figure.changed_at if figure else 0
