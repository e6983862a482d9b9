"""How a service hears another: effects and position in one transaction, poison parked, nothing dropped."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from structlog import get_logger

from shared import codec
from shared.contracts import CONTRACTS
from shared.message import Message
from shared.parking import ParkedMessage
from shared.store import AlreadyHeard, Heard, NumberTaken, Parked, StoreError, VersionClash
from shared.unit import Cause, Unit

if TYPE_CHECKING:
    from shared.service import Service

ATTEMPTS = 3
UNSAVED_POSITIONS = 500
BEHIND = "an earlier event of the same aggregate is parked"

log = get_logger()


class UnknownVersion(Exception):
    """A word of the common language in a version this code does not know."""


class WrongDigest(Exception):
    """The data is not what its digest says: not applied, an alarm."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a source was heard; epoch none = never."""

    epoch: str | None
    sequence: int


class Ear:
    """One service listening to one source. Not thread-safe; two workers fence each other in the store."""

    def __init__(self, service: "Service", source: str) -> None:
        self.service = service
        self.source = source
        self._types = service.policies.sources().get(source, frozenset())
        self._stems = frozenset(each.rpartition(".")[0] for each in self._types)
        self.reload()

    def reload(self) -> None:
        """Go on from what the store says was heard."""
        self._stored = self.service.store.heard(self.source)
        heard = self._stored
        self._position = Position(heard.epoch, heard.position) if heard else Position(None, 0)
        self._hint = heard.hint if heard else 0
        self._behind = self._parked_aggregates()

    @property
    def position(self) -> Position:
        """In memory: may be ahead of the store by messages nobody reacts to."""
        return self._position

    @property
    def hint(self) -> int:
        return self._hint

    def hear(self, messages: Sequence[Message], hint: int) -> None:
        """Apply what is new, in order, and move the position with the effects.

        Raises StoreError or VersionClash for passing trouble (the same batch again later) and
        AlreadyHeard when another worker took over (reload, go on).
        """
        if not messages:
            return
        known = [each for each in messages if self._concerns(each)]
        if not known and self._unsaved(messages[-1]) < UNSAVED_POSITIONS:
            self._remember(messages[-1], hint)
            return
        try:
            self._apply(known, messages[-1], hint)
        except (StoreError, AlreadyHeard, VersionClash, NumberTaken):
            raise
        except Exception:
            log.warning("a batch failed; its messages are applied one by one", source=self.source)
            for each in messages:
                self._hear_alone(each, hint)

    def _concerns(self, message: Message) -> bool:
        return message.type in self._types or message.type.rpartition(".")[0] in self._stems

    def _unsaved(self, message: Message) -> int:
        return message.sequence - (self._stored.position if self._stored else 0)

    def _hear_alone(self, message: Message, hint: int) -> None:
        known = [message] if self._concerns(message) else []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._apply(known, message, hint)
                return
            except (StoreError, AlreadyHeard, VersionClash, NumberTaken):
                raise
            except Exception as poison:
                if attempt == ATTEMPTS:
                    self._park(message, hint, poison)

    def _apply(self, messages: Sequence[Message], last: Message, hint: int) -> None:
        with self.service.store.exclusive(), self.service.unit(self._cause(last)) as unit:
            behind = self._parked_aggregates() if self._behind else self._behind
            for message in messages:
                if behind and message.aggregate in behind:
                    self._set_aside(unit, message, BEHIND, 0)
                else:
                    self._react(unit, message)
            self._finish(unit, last, hint)
            self._behind = behind

    def _parked_aggregates(self) -> set[UUID]:
        return {each.message.aggregate for each in self.service.store.parked(self.source)}

    def _set_aside(self, unit: Unit, message: Message, error: str, attempts: int, fingerprint: str = "behind") -> None:
        unit.because(self._cause(message))
        unit.save(ParkedMessage(message.id, error))
        unit.commit.park.append(Parked(message, error, fingerprint, attempts, datetime.now(UTC)))

    def _park(self, message: Message, hint: int, poison: Exception) -> None:
        fingerprint = codec.digest("".join(traceback.format_tb(poison.__traceback__)).encode())[:16]
        error = f"{type(poison).__name__}: {poison}"
        log.error("parked", message=message.id, error=error)
        with self.service.store.exclusive(), self.service.unit(self._cause(message)) as unit:
            self._set_aside(unit, message, error, ATTEMPTS, fingerprint)
            self._finish(unit, message, hint)
        self._behind.add(message.aggregate)

    def _finish(self, unit: Unit, last: Message, hint: int) -> None:
        heard = Heard(self.source, last.epoch, last.sequence, hint)
        unit.finish(heard=heard, heard_before=self._stored)
        self._stored = heard
        self._remember(last, hint)

    def _remember(self, last: Message, hint: int) -> None:
        self._position, self._hint = Position(last.epoch, last.sequence), hint

    def _cause(self, message: Message) -> Cause:
        return Cause.of(message, self.service.NAME)

    def _react(self, unit: Unit, message: Message) -> None:
        told = understood(message)
        unit.because(self._cause(message))
        for reaction in self.service.policies.reactions[type(told)]:
            for changed in reaction(told, unit):
                unit.save(changed)

    # -- parked messages

    def redrive(self) -> int:
        """Apply what is parked, in order; what still fails stays, with its siblings. How many went through."""
        done, stuck = 0, set[UUID]()
        for parked in self.service.store.parked(self.source):
            if parked.message.aggregate in stuck:
                continue
            try:
                self._apply_parked(parked.message)
                done += 1
            except (StoreError, AlreadyHeard, VersionClash, NumberTaken):
                raise
            except Exception:
                log.exception("still cannot be applied", message=parked.message.id)
                stuck.add(parked.message.aggregate)
        self._behind = stuck
        return done

    def _apply_parked(self, message: Message) -> None:
        with self.service.store.exclusive(), self.service.unit(self._cause(message)) as unit:
            self._react(unit, message)
            aside = unit(ParkedMessage, ParkedMessage.create_id(message.id))
            aside.applied()
            unit.save(aside)
            unit.commit.unpark.append((message.source, message.epoch, message.sequence))
            unit.finish()


def understood(message: Message) -> Any:
    """The published event a message carries. Raises UnknownVersion, WrongDigest, codec.Malformed."""
    if codec.digest(message.data) != message.digest:
        raise WrongDigest(f"{message.id} was altered on its way")
    contract = CONTRACTS.get(message.type)
    if contract is None:
        raise UnknownVersion(f"nobody here knows {message.type}")
    return codec.decode(message.data, contract)
