"""Inbox: commits effects and position in one transaction, parks failing messages, drops none."""

import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from structlog import get_logger

from shared import codec, store
from shared.command_context import CommandContext
from shared.command_runner import CommandRunner
from shared.contracts import CONTRACTS
from shared.message import Message
from shared.parked_message import ParkedMessage
from shared.policies import Policies
from shared.store.integrity import IntegrityFailure
from shared.unit_of_work import StoreUnitOfWork

MAX_ATTEMPTS = 3
MAX_UNSAVED_POSITIONS = 500
EARLIER_MESSAGE_PARKED = "an earlier event of the same aggregate is parked"
TRANSIENT_ERRORS = (store.StoreError, store.ConcurrencyConflict, store.NumberSeriesConflict)
NOT_PARKED_ERRORS = (*TRANSIENT_ERRORS, store.InboxPositionConflict)
"""Errors that no message causes: it is applied again, or by another worker."""

log = get_logger()


class UnknownContract(Exception):
    """Raised when this code does not know a published event in this version."""


class DamagedMessage(Exception):
    """Raised when the data of a message does not match its digest; the message is not applied."""


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """Position up to which a source is consumed; epoch is none before the first message."""

    epoch: str | None
    sequence: int


class Inbox:
    """Inbox of one service for one source: applies each received message once, by the policies; parks those that fail.

    `position` may be ahead of the store by messages without a policy; `hint` is its sequence in the stream.
    """

    def __init__(self, runner: CommandRunner, policies: Policies, source: str) -> None:
        self._runner, self._store, self._policies = runner, runner.store, policies
        self.service, self.source = runner.store.service, source
        self._is_handled = handled_by(policies, source)
        self._stored_position: store.InboxPosition | None = None
        self.position, self.hint = SourcePosition(None, 0), 0
        self._blocked_aggregates: set[UUID] = set()
        with suppress(IntegrityFailure):  # nothing is applied until it can be loaded, since its position is taken
            self.reload()

    def reload(self) -> None:
        """Reload position, hint and parked messages. Raises IntegrityFailure if the service did not write one."""
        blocked, stored = self._parked_aggregates(), self._store.get_inbox_position(self.source)
        self._blocked_aggregates, self._stored_position = blocked, stored
        self.position = SourcePosition(stored.epoch, stored.position) if stored else SourcePosition(None, 0)
        self.hint = stored.hint if stored else 0

    def apply(self, messages: Sequence[Message], hint: int) -> None:
        """Apply messages in order, and commit the position with their effects.

        Raises StoreError, ConcurrencyConflict or NumberSeriesConflict (retry the batch), or
        InboxPositionConflict when another worker advanced the inbox (reload, then continue).
        """
        if not messages:
            return
        saved = self._stored_position.position if self._stored_position else 0
        is_near = messages[-1].sequence - saved < MAX_UNSAVED_POSITIONS
        if is_near and not any(map(self._is_handled, messages)):
            self._set_position(messages[-1], hint)
            return
        try:
            self._apply_batch(messages, hint)
        except NOT_PARKED_ERRORS:
            raise
        except Exception:  # whatever policies raise; the message at fault is found and parked below
            log.warning("a batch failed; its messages are applied one by one", source=self.source)
            for each in messages:
                self._apply_with_retries(each, hint)

    def _apply_with_retries(self, message: Message, hint: int) -> None:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                self._apply_batch([message], hint)
                return
            except NOT_PARKED_ERRORS:
                raise
            except Exception as poison:
                if attempt == MAX_ATTEMPTS:
                    self._park_failed(message, hint, poison)

    def _apply_batch(self, messages: Sequence[Message], hint: int) -> None:
        with self._runner.exclusive_unit_of_work(self._context_of(messages[-1])) as unit:
            blocked = self._parked_aggregates() if self._blocked_aggregates else self._blocked_aggregates
            for message in filter(self._is_handled, messages):
                if message.aggregate in blocked:
                    self._record_parked(unit, message, EARLIER_MESSAGE_PARKED, 0, "behind")
                else:
                    self._run_policies(unit, message)
            self._commit(unit, messages[-1], hint)
            self._blocked_aggregates = blocked

    def _parked_aggregates(self) -> set[UUID]:
        return {each.message.aggregate for each in self._store.parked_entries(self.source)}

    def _record_parked(self, unit: StoreUnitOfWork, message: Message, error: str, attempts: int, place: str) -> None:
        unit.set_context(self._context_of(message))
        unit.save(ParkedMessage(message.id, error))
        unit.commit.to_park.append(store.ParkedEntry(message, error, place, attempts, datetime.now(UTC)))

    def _park_failed(self, message: Message, hint: int, poison: Exception) -> None:
        fingerprint = codec.digest("".join(traceback.format_tb(poison.__traceback__)).encode())[:16]
        error = f"{type(poison).__name__}: {poison}"
        log.error("parked", message=message.id, error=error)
        with self._runner.exclusive_unit_of_work(self._context_of(message)) as unit:
            self._record_parked(unit, message, error, MAX_ATTEMPTS, fingerprint)
            self._commit(unit, message, hint)
        self._blocked_aggregates.add(message.aggregate)

    def _commit(self, unit: StoreUnitOfWork, last: Message, hint: int) -> None:
        reached = store.InboxPosition(self.source, last.epoch, last.sequence, hint)
        unit.finish(inbox_position=reached, previous_inbox_position=self._stored_position)
        self._stored_position = reached
        self._set_position(last, hint)

    def _set_position(self, last: Message, hint: int) -> None:
        self.position, self.hint = SourcePosition(last.epoch, last.sequence), hint

    def _context_of(self, message: Message) -> CommandContext:
        return CommandContext.from_message(message, self.service)

    def _run_policies(self, unit: StoreUnitOfWork, message: Message) -> None:
        event = _decode_contract(message)
        unit.set_context(self._context_of(message))
        for policy in self._policies.by_contract[type(event)]:
            for changed in policy(event, unit):
                unit.save(changed)

    # -- parked messages

    def redrive(self) -> int:
        """Apply parked messages in order and return how many succeeded; a failing aggregate stays parked."""
        done, stuck = 0, set[UUID]()
        for parked in self._store.parked_entries(self.source):
            if parked.message.aggregate in stuck:
                continue
            try:
                self._apply_parked(parked.message)
                done += 1
            except NOT_PARKED_ERRORS:
                raise
            except Exception:  # whatever policies raise; the message stays parked
                log.exception("still cannot be applied", message=parked.message.id)
                stuck.add(parked.message.aggregate)
        self._blocked_aggregates = stuck
        return done

    def _apply_parked(self, message: Message) -> None:
        with self._runner.exclusive_unit_of_work(self._context_of(message)) as unit:
            self._run_policies(unit, message)
            parked = unit.get(ParkedMessage, ParkedMessage.create_id(message.id))
            parked.mark_applied()
            unit.save(parked)
            unit.commit.to_unpark.append((message.source, message.epoch, message.sequence))
            unit.finish()


def handled_by(policies: Policies, source: str) -> Callable[[Message], bool]:
    """Return the function that tests whether policies handle a message of a source, in whichever version."""
    types = policies.wire_types_by_source().get(source, frozenset())
    names = frozenset(each.rpartition(".")[0] for each in types)
    return lambda message: message.type in types or message.type.rpartition(".")[0] in names


def _decode_contract(message: Message) -> Any:
    """Return the published event of a message. Raises UnknownContract, DamagedMessage, codec.DecodeError."""
    if codec.digest(message.data) != message.digest:
        raise DamagedMessage(f"the data of {message.id} does not match its digest")
    contract = CONTRACTS.get(message.type)
    if contract is None:
        raise UnknownContract(f"unknown event {message.type}: update this service")
    return codec.decode(message.data, contract)
