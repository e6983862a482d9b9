"""What one service signed and another holds cannot be taken back."""

from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest

from shared.bus.blocking_calls import run_inline
from shared.bus.event_feed import FeedUnavailable
from shared.chain import Checkpoint, InvalidCheckpoint
from shared.chain.checkpoint_monitor import CheckpointMonitor, CheckpointProof
from shared.codec import decode, encode
from shared.commands import Commands
from shared.domain import Aggregate, event
from shared.module import Module
from shared.service import Service
from shared.testing.services import open_service
from shared.worker.chain_tasks import ChainTask, CheckpointMonitorTask


class StreetLamp(Aggregate):
    @event("Lit")
    def __init__(self, colour: str) -> None:
        self.colour = colour


class Lamps(Commands):
    def light(self, colour: str = "red") -> None:
        self.uow.save(StreetLamp(colour))


class Street(Service):
    NAME = "street"
    modules = (Module("lamps", commands=Lamps),)


class Avenue(Street):
    NAME = "avenue"


class Post:
    """Carries questions to the street, and answers back."""

    away: ClassVar[bool] = False

    def __init__(self, street: Street) -> None:
        self.street = street
        self.asked: list[str] = []

    def __call__(self, service: str, path: str) -> bytes:
        self.asked.append(path)
        if self.away:
            raise FeedUnavailable(service)
        chain = self.street.chain
        chain.extend_to_end()
        signed = chain.create_checkpoint()
        proof = chain.consistency_proof(int(path.rpartition("=")[2]), signed.position)
        return encode(CheckpointProof(signed, [each.hex() for each in proof]))


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return open_service(Street, tmp_path)


@pytest.fixture
def avenue(tmp_path: Path) -> Avenue:
    return open_service(Avenue, tmp_path)


@pytest.fixture
def witness(avenue: Avenue) -> CheckpointMonitor:
    return CheckpointMonitor(avenue.chain.checkpoints)


def looks(witness: CheckpointMonitor, post: Post) -> bool:
    return CheckpointMonitorTask(witness, ("street",), post).check_peer("street")


def held(avenue: Avenue) -> list[int]:
    return [each.position for each in avenue.chain.checkpoints.list_after("street", 0, 100)]


def test_what_goes_on_from_what_is_held_is_held_too(street: Street, avenue: Avenue, witness: CheckpointMonitor) -> None:
    post = Post(street)
    for _ in range(3):
        street.lamps.light()
        assert looks(witness, post)
    assert held(avenue) == [1, 2, 3]
    assert post.asked == [f"/audit/checkpoint?since={position}" for position in (0, 1, 2)]
    assert witness.failures == {}
    assert avenue.chain.latest_checkpoint().service == "avenue"


def test_who_does_not_answer_is_no_alarm(street: Street, avenue: Avenue, witness: CheckpointMonitor) -> None:
    post = Post(street)
    post.away = True  # type: ignore[misc]
    assert not looks(witness, post)
    assert not CheckpointMonitorTask(witness, ("street",), lambda _service, _path: b"<html>").check_peer("street")
    assert (held(avenue), witness.failures) == ([], {})


def rewritten(street: Street, folder: Path) -> Street:
    """The street by somebody with all rights and the key: another past of the same length, chained and signed anew."""
    epoch = street.store.epoch
    other = open_service(Street, folder / "rewritten")
    other.store._connections.get().execute("UPDATE store_identity SET epoch=?", (epoch,))  # type: ignore[attr-defined]
    vars(other.store).pop("epoch", None)
    seed = folder / "street" / "checkpoint.seed"
    (folder / "rewritten" / "street" / "checkpoint.seed").write_text(seed.read_text())
    for _ in range(street.store.head()):
        other.lamps.light("green")
    return other


def test_a_past_rewritten_and_signed_anew_is_refused(
    street: Street, avenue: Avenue, witness: CheckpointMonitor, tmp_path: Path
) -> None:
    for _ in range(3):
        street.lamps.light()
    looks(witness, Post(street))
    other = rewritten(street, tmp_path)
    other.lamps.light("green")
    looks(witness, Post(other))
    assert "no longer begins with the 3 events" in witness.failures["street"]
    assert held(avenue) == [3]
    looks(witness, Post(street))
    assert witness.failures == {}


def test_a_past_that_became_shorter_is_refused(
    street: Street, avenue: Avenue, witness: CheckpointMonitor, tmp_path: Path
) -> None:
    street.lamps.light()
    shorter = rewritten(street, tmp_path)
    street.lamps.light()
    looks(witness, Post(street))
    looks(witness, Post(shorter))
    assert "no longer begins with the 2 events" in witness.failures["street"]


def test_another_key_and_another_service_are_refused(
    street: Street, avenue: Avenue, witness: CheckpointMonitor, tmp_path: Path
) -> None:
    street.lamps.light()
    looks(witness, Post(street))
    thief = rewritten(street, tmp_path)
    (tmp_path / "rewritten" / "street" / "checkpoint.seed").write_text("07" * 32)
    looks(witness, Post(thief))
    assert "another key" in witness.failures["street"]
    avenue.lamps.light()
    looks(witness, Post(avenue))
    assert witness.failures["street"] == "this is the log of avenue"


def test_a_word_nobody_signed_is_refused(street: Street, avenue: Avenue, witness: CheckpointMonitor) -> None:
    street.lamps.light()
    genuine = decode(Post(street)("street", "?since=0"), CheckpointProof)
    for name, value in (("position", 2), ("head", "00" * 32), ("root", "11" * 32), ("at", "2020"), ("epoch", "e0")):
        forged = Checkpoint(
            **{each: getattr(genuine.checkpoint, each) for each in Checkpoint.__slots__} | {name: value}
        )
        with pytest.raises(InvalidCheckpoint):
            forged.verify()
        witness.verify_response("street", encode(CheckpointProof(forged, [])))
        assert "invalid signature" in witness.failures["street"]
    assert held(avenue) == []


def test_a_proof_that_cannot_be_read_proves_nothing(street: Street, avenue: Avenue, witness: CheckpointMonitor) -> None:
    street.lamps.light()
    looks(witness, Post(street))
    street.lamps.light()
    genuine = decode(Post(street)("street", "?since=1"), CheckpointProof)
    for proof in (["no hash"], [], [*genuine.consistency, "00" * 32]):
        witness.verify_response("street", encode(CheckpointProof(genuine.checkpoint, proof)))
        assert "no longer begins" in witness.failures["street"]
    witness.verify_response("street", encode(genuine))
    assert witness.failures == {}


# -- the worker's part


def one_round(chaining: ChainTask) -> None:
    while chaining._recording_failure(partial(chaining._chain.extend, 100)):
        pass
    chaining._recording_failure(chaining._verify_next)


def test_a_worker_finds_an_old_event_that_was_changed(street: Street) -> None:
    chaining = ChainTask(street.chain, run_inline)
    for _ in range(150):
        street.lamps.light()
    for _ in range(3):
        one_round(chaining)
    assert chaining.failure is None
    street.store._connections.get().execute("UPDATE events SET recorded_at=recorded_at+1 WHERE position=120")  # type: ignore[attr-defined]
    for _ in range(3):
        one_round(chaining)
    assert chaining.failure == "event 120 of street was changed after it was chained"
    street.lamps.light()
    one_round(chaining)
    assert street.chain.head().position == 151
