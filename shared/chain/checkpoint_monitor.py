"""Checkpoint monitor: keeps other services' checkpoints and detects a log that no longer extends them."""

from dataclasses import dataclass

from structlog import get_logger

from shared import codec
from shared.chain.checkpoint import Checkpoint, InvalidCheckpoint
from shared.chain.checkpoint_store import CheckpointStore
from shared.chain.merkle import proves_consistency

log = get_logger()


@dataclass(frozen=True, slots=True)
class CheckpointProof:
    """A service's newest checkpoint, with proof that it extends the requested one."""

    checkpoint: Checkpoint
    consistency: list[str]


class CheckpointMonitor:
    """Monitors the checkpoints of other services: keeps each, refuses contradicting ones (`failures`, by service)."""

    def __init__(self, kept: CheckpointStore) -> None:
        self._checkpoints = kept
        self.failures: dict[str, str] = {}

    def checkpoint_path(self, service: str) -> str:
        """Return the path to request a service's newest checkpoint, with proof since the last."""
        held = self._checkpoints.newest(service)
        return f"/audit/checkpoint?since={held.position if held else 0}"

    def verify_response(self, service: str, response: bytes) -> bool:
        """Keep a genuine checkpoint that extends the last one; else record and log the failure. False if none came."""
        proof = codec.decode(response, CheckpointProof | None)  # type: ignore[arg-type]  # a union is no class
        if proof is not None:
            self._verify(service, proof)
        return proof is not None

    def _verify(self, service: str, proof: CheckpointProof) -> None:
        failure = self._failure_of(service, proof)
        if failure is None:
            self.failures.pop(service, None)
            self._checkpoints.add(proof.checkpoint)
        elif failure != self.failures.get(service):
            self.failures[service] = failure
            signed = codec.encode(proof.checkpoint).decode()
            log.error("checkpoint refused; keep it as evidence", of=service, reason=failure, signed=signed)

    def _failure_of(self, service: str, received: CheckpointProof) -> str | None:
        now, held = received.checkpoint, self._checkpoints.newest(service)
        try:
            now.verify()
        except InvalidCheckpoint as error:
            return str(error)
        if now.service != service:
            return f"this is the log of {now.service}"
        if held is None:
            return None
        if held.epoch != now.epoch:
            return f"it was replaced: it has another epoch than on {held.at}, when it had {held.position} events"
        if held.key != now.key:
            return f"signed with another key than on {held.at}"
        if _is_proven(held, received):
            return None
        return f"it no longer begins with the {held.position} events it had on {held.at}"


def _is_proven(held: Checkpoint, received: CheckpointProof) -> bool:
    """Return whether the proof is valid."""
    now = received.checkpoint
    try:
        proof = [bytes.fromhex(each) for each in received.consistency]
        return proves_consistency(held.position, bytes.fromhex(held.root), now.position, bytes.fromhex(now.root), proof)
    except ValueError:
        return False
