"""Timers: deadlines that aggregates scheduled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from structlog import get_logger

from shared.command_context import CommandContext
from shared.command_runner import CommandRunner
from shared.domain import TYPES_BY_NAME
from shared.store import ConcurrencyConflict, InboxPositionConflict, StoreError, Timer
from shared.unit_of_work import StoreUnitOfWork

RETRY_DELAY = timedelta(minutes=1)

log = get_logger()


class TimerRunner:
    """Fires the due timers of one service, as its worker asks."""

    def __init__(self, runner: CommandRunner) -> None:
        self._runner = runner

    def fire_due(self, now: datetime) -> int:
        """Fire all due timers, each exactly once; return how many fired. A timer that fails is retried later."""
        return sum(self._fire(timer, now) for timer in self._runner.store.due_timers(now))

    def _fire(self, timer: Timer, now: datetime) -> bool:
        try:
            with self._unit_of_work(timer, now) as uow:
                aggregate: Any = uow.get(TYPES_BY_NAME[timer.kind], timer.aggregate)
                uow.join_correlation(aggregate)
                aggregate.on_timer(timer.note)
                uow.save(aggregate)
        except (InboxPositionConflict, ConcurrencyConflict):
            return False
        except StoreError:
            raise
        except Exception:
            log.exception("timer failed; it is retried later", timer=timer.id, kind=timer.kind)
            with self._unit_of_work(timer, now) as uow:
                uow.commit.timers.append((now + RETRY_DELAY, timer.kind, timer.aggregate, timer.note))
            return False
        return True

    @contextmanager
    def _unit_of_work(self, timer: Timer, now: datetime) -> Iterator[StoreUnitOfWork]:
        """Open a unit of work that removes the timer when it commits."""
        context = CommandContext(self._runner.store.service, f"timer:{timer.id}", self._runner.firm.date_of(now))
        with self._runner.exclusive_unit_of_work(context) as uow:
            yield uow
            uow.commit.fired_timers.append(timer.id)
            uow.finish()
