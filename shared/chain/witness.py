"""Holding what other services signed about their logs, and refusing a log that no longer begins as it did."""

from dataclasses import dataclass

from structlog import get_logger

from shared import codec
from shared.chain.checkpoint import Checkpoint, Unsigned
from shared.chain.checkpoints import Checkpoints
from shared.chain.merkle import extends

log = get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """A service's newest checkpoint, and proof that it goes on from the one that was asked about."""

    checkpoint: Checkpoint
    consistency: list[str]


class Witness:
    """What one service holds of the others. `refused` says, by service, what is wrong with its log."""

    def __init__(self, kept: Checkpoints) -> None:
        self._kept = kept
        self.refused: dict[str, str] = {}

    def question(self, service: str) -> str:
        """Where to ask a service how its log goes on."""
        held = self._kept.newest(service)
        return f"/audit/checkpoint?since={held.position if held else 0}"

    def hear(self, service: str, answer: bytes) -> None:
        """Hold what it says if it is genuine and goes on from what is held; else say why not."""
        told = codec.decode(answer, Told)
        wrong = self._wrong(service, told)
        if wrong is None:
            self.refused.pop(service, None)
            self._kept.hold(told.checkpoint)
        elif wrong != self.refused.get(service):
            self.refused[service] = wrong
            log.error(
                "a log is not what it was", of=service, reason=wrong, signed=codec.encode(told.checkpoint).decode()
            )

    def _wrong(self, service: str, told: Told) -> str | None:
        now, held = told.checkpoint, self._kept.newest(service)
        try:
            now.judge()
        except Unsigned as unsigned:
            return str(unsigned)
        if now.service != service:
            return f"this is the log of {now.service}"
        if held is None or held.epoch != now.epoch:
            return None
        if held.key != now.key:
            return f"signed with another key than on {held.at}"
        if _goes_on(held, told):
            return None
        return f"it no longer begins with the {held.position} events it had on {held.at}"


def _goes_on(held: Checkpoint, told: Told) -> bool:
    """The proof is one."""
    now = told.checkpoint
    try:
        proof = [bytes.fromhex(each) for each in told.consistency]
        return extends(held.position, bytes.fromhex(held.root), now.position, bytes.fromhex(now.root), proof)
    except ValueError:
        return False
