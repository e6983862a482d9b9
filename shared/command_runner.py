"""Runs commands in units of work: each in one transaction, repeated on conflicts, once per idempotency key."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, TypeVar, cast
from uuid import uuid4

from msgspec.structs import replace

from shared.aggregate_cache import AggregateCache
from shared.command_context import Caller, CommandContext, GivenDate
from shared.domain import use_context
from shared.domain.context import current_context
from shared.known_firm import KnownFirm
from shared.ownership import OwnerRules
from shared.policies import PublishedEventMappings
from shared.projections import Projection
from shared.store import ConcurrencyConflict, DuplicateIdempotencyKey, IdempotencyRecord, NumberSeriesConflict
from shared.store.event_store import EventStore
from shared.unit_of_work import StoreUnitOfWork

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

MAX_ATTEMPTS = 5


class IdempotencyKeyReused(Exception):
    """Raised when the idempotency key was used for a different request."""


class RetriesExhausted(Exception):
    """Raised when concurrent changes made every attempt fail; nothing is stored."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response of a command, stored with its idempotency key and returned again for the same key."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class CommandRunner:
    """Runs the commands of one service, each in one transaction, repeated on conflicts, once per idempotency key."""

    def __init__(
        self,
        store: EventStore,
        published: PublishedEventMappings,
        projections: Sequence[type[Projection]],
        firm: KnownFirm,
    ) -> None:
        self.store, self.firm = store, firm
        rules, cache = OwnerRules(projections), AggregateCache()
        self._create_uow = partial(StoreUnitOfWork, store, published, rules, cache, firm)

    @property
    def uow_or_none(self) -> StoreUnitOfWork | None:
        """The current unit of work of this service."""
        uow = current_context.get()
        return uow if isinstance(uow, StoreUnitOfWork) and uow.store is self.store else None

    @property
    def uow(self) -> StoreUnitOfWork:
        uow = self.uow_or_none
        assert uow is not None, "outside a unit of work"
        return uow

    def execute(
        self,
        command: Callable[[], StoredResponse],
        *,
        caller: Caller,
        key: str,
        request_digest: str,
        effective_on: GivenDate | None = None,
        expected_version: int | None = None,
    ) -> StoredResponse:
        """Run a command once per idempotency key; a repeated key returns the stored response.

        Raises IdempotencyKeyReused, StaleVersion, RetriesExhausted, StoreError and the errors of the command.
        """

        def attempt(uow: StoreUnitOfWork) -> StoredResponse:
            stored = self.store.get_idempotency_record(caller.actor, key)
            if stored is not None:
                return _replay_response(stored, request_digest)
            uow.expected_version = expected_version
            response = command()
            uow.finish(
                IdempotencyRecord(caller.actor, key, request_digest, response.status, response.headers, response.body)
            )
            return response

        try:
            return self._run_with_retries(self._context_of(caller, effective_on), attempt)
        except DuplicateIdempotencyKey:
            stored = self.store.get_idempotency_record(caller.actor, key)
            assert stored is not None
            return _replay_response(stored, request_digest)

    def run(self, command: Callable[[], T], context: CommandContext | None = None) -> T:
        """Run a command without an idempotency key: for callers in the same process."""

        def attempt(uow: StoreUnitOfWork) -> T:
            result = command()
            uow.finish()
            return result

        return self._run_with_retries(context or self._context_of(Caller(self.store.service)), attempt)

    def _run_with_retries(self, context: CommandContext, attempt: Callable[[StoreUnitOfWork], T]) -> T:
        for number in range(MAX_ATTEMPTS):
            try:
                with self.exclusive_unit_of_work(context) as uow:
                    return attempt(uow)
            except (ConcurrencyConflict, NumberSeriesConflict) as conflict:
                last = conflict
                time.sleep(random.uniform(0, 0.005 * 2**number))  # noqa: S311 (jitter, not a secret)
        raise RetriesExhausted("the same records kept changing concurrently; try again") from last

    @contextmanager
    def exclusive_unit_of_work(self, context: CommandContext) -> Iterator[StoreUnitOfWork]:
        """Open a unit of work that will commit; the code inside has to finish it."""
        with self.store.exclusive(), self.unit_of_work(context) as uow:
            yield uow

    @contextmanager
    def unit_of_work(self, context: CommandContext) -> Iterator[StoreUnitOfWork]:
        uow = self._create_uow(context)
        with use_context(uow):
            yield uow

    @contextmanager
    def read_only(self, caller: Caller) -> Iterator[None]:
        """Open a unit of work for queries: they read committed data and change nothing."""
        with self.unit_of_work(self._context_of(caller)) as uow:
            try:
                yield
            finally:
                uow.return_to_cache()

    @contextmanager
    def batch_item(self, effective_on: GivenDate | None = None) -> Iterator[None]:
        """Run one of several commands of a unit of work with its own correlation and date; undo only it if it fails."""
        uow = self.uow
        context = uow.context
        uow.set_context(replace(context, **effective_on._asdict()) if effective_on else context)
        try:
            with uow.savepoint():
                yield
        finally:
            uow.set_context(context)

    def _context_of(self, caller: Caller, given: GivenDate | None = None) -> CommandContext:
        return CommandContext(
            caller.actor,
            f"command:{caller.trace_id or uuid4().hex}",
            given and given.effective_on,
            date_field=given and given.date_field,
            on_behalf_of=caller.on_behalf_of,
            traceparent=caller.traceparent,
            only_own=caller.only_own,
            request=caller.request,
        )


def join_or_open_unit_of_work(method: F) -> F:
    """Decorate a method: it joins the current unit of work, or runs in a new one."""

    @wraps(method)
    def joined(self: Any, *args: Any, **kwargs: Any) -> Any:
        runner, call = self.runner, partial(method, self, *args, **kwargs)
        return runner.run(call) if runner.uow_or_none is None else call()

    return cast("F", joined)


def _replay_response(stored: IdempotencyRecord, request: str) -> StoredResponse:
    if stored.request_digest != request:
        raise IdempotencyKeyReused("this idempotency key was used for a different request; use a new key")
    return StoredResponse(stored.status, stored.headers, stored.body)
