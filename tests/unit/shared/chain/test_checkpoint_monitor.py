"""Checkpoint monitor: detects a log that no longer extends the checkpoints kept by another service."""

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
from shared.worker.chain_task import ChainTask
from shared.worker.checkpoint_monitor_task import CheckpointMonitorTask


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


class FakePeer:
    """Answers checkpoint requests for the street; unavailable while `is_unavailable` is set."""

    is_unavailable: ClassVar[bool] = False

    def __init__(self, street: Street) -> None:
        self.street = street
        self.requests: list[str] = []

    def __call__(self, service: str, path: str) -> bytes:
        self.requests.append(path)
        if self.is_unavailable:
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
def monitor(avenue: Avenue) -> CheckpointMonitor:
    return CheckpointMonitor(avenue.chain.checkpoints)


def check(monitor: CheckpointMonitor, peer: FakePeer) -> bool:
    return CheckpointMonitorTask(monitor, ("street",), peer).check_peer("street")


def kept_positions(avenue: Avenue) -> list[int]:
    return [each.position for each in avenue.chain.checkpoints.list_after("street", 0, 100)]


def test_a_checkpoint_that_extends_the_last_is_kept(street: Street, avenue: Avenue, monitor: CheckpointMonitor) -> None:
    peer = FakePeer(street)
    for _ in range(3):
        street.lamps.light()
        assert check(monitor, peer)
    assert kept_positions(avenue) == [1, 2, 3]
    assert peer.requests == [f"/audit/checkpoint?since={position}" for position in (0, 1, 2)]
    assert monitor.failures == {}
    assert avenue.chain.latest_checkpoint().service == "avenue"


def test_an_unavailable_service_is_no_alarm(street: Street, avenue: Avenue, monitor: CheckpointMonitor) -> None:
    peer = FakePeer(street)
    peer.is_unavailable = True  # type: ignore[misc]
    assert not check(monitor, peer)
    assert not CheckpointMonitorTask(monitor, ("street",), lambda _service, _path: b"<html>").check_peer("street")
    assert (kept_positions(avenue), monitor.failures) == ([], {})


def rewritten(street: Street, folder: Path) -> Street:
    """Return the street with another log of the same length, chained and signed by an attacker with its key."""
    epoch = street.store.epoch
    other = open_service(Street, folder / "rewritten")
    other.store._connections.get().execute("UPDATE store_identity SET epoch=?", (epoch,))  # type: ignore[attr-defined]
    vars(other.store).pop("epoch", None)
    seed = folder / "street" / "checkpoint.seed"
    (folder / "rewritten" / "street" / "checkpoint.seed").write_text(seed.read_text())
    for _ in range(street.store.head()):
        other.lamps.light("green")
    return other


def test_a_rewritten_log_with_valid_signatures_is_refused(
    street: Street, avenue: Avenue, monitor: CheckpointMonitor, tmp_path: Path
) -> None:
    for _ in range(3):
        street.lamps.light()
    check(monitor, FakePeer(street))
    other = rewritten(street, tmp_path)
    other.lamps.light("green")
    check(monitor, FakePeer(other))
    assert "no longer begins with the 3 events" in monitor.failures["street"]
    assert kept_positions(avenue) == [3]
    check(monitor, FakePeer(street))
    assert monitor.failures == {}


def test_a_shortened_log_is_refused(street: Street, avenue: Avenue, monitor: CheckpointMonitor, tmp_path: Path) -> None:
    street.lamps.light()
    shorter = rewritten(street, tmp_path)
    street.lamps.light()
    check(monitor, FakePeer(street))
    check(monitor, FakePeer(shorter))
    assert "no longer begins with the 2 events" in monitor.failures["street"]


def test_checkpoints_of_another_key_or_service_are_refused(
    street: Street, avenue: Avenue, monitor: CheckpointMonitor, tmp_path: Path
) -> None:
    street.lamps.light()
    check(monitor, FakePeer(street))
    attacker = rewritten(street, tmp_path)
    (tmp_path / "rewritten" / "street" / "checkpoint.seed").write_text("07" * 32)
    check(monitor, FakePeer(attacker))
    assert "another key" in monitor.failures["street"]
    avenue.lamps.light()
    check(monitor, FakePeer(avenue))
    assert monitor.failures["street"] == "this is the log of avenue"


def test_an_invalid_signature_is_refused(street: Street, avenue: Avenue, monitor: CheckpointMonitor) -> None:
    street.lamps.light()
    genuine = decode(FakePeer(street)("street", "?since=0"), CheckpointProof)
    for name, value in (("position", 2), ("head", "00" * 32), ("root", "11" * 32), ("at", "2020"), ("epoch", "e0")):
        forged = Checkpoint(
            **{each: getattr(genuine.checkpoint, each) for each in Checkpoint.__slots__} | {name: value}
        )
        with pytest.raises(InvalidCheckpoint):
            forged.verify()
        monitor.verify_response("street", encode(CheckpointProof(forged, [])))
        assert "invalid signature" in monitor.failures["street"]
    assert kept_positions(avenue) == []


def test_an_invalid_consistency_proof_is_refused(street: Street, avenue: Avenue, monitor: CheckpointMonitor) -> None:
    street.lamps.light()
    check(monitor, FakePeer(street))
    street.lamps.light()
    genuine = decode(FakePeer(street)("street", "?since=1"), CheckpointProof)
    for proof in (["no hash"], [], [*genuine.consistency, "00" * 32]):
        monitor.verify_response("street", encode(CheckpointProof(genuine.checkpoint, proof)))
        assert "no longer begins" in monitor.failures["street"]
    monitor.verify_response("street", encode(genuine))
    assert monitor.failures == {}


# -- chain task


def run_once(chain_task: ChainTask) -> None:
    while chain_task._recording_failure(partial(chain_task._chain.extend, 100)):
        pass
    chain_task._recording_failure(chain_task._verify_next)


def test_the_chain_task_detects_a_changed_old_event(street: Street) -> None:
    chain_task = ChainTask(street.chain, run_inline)
    for _ in range(150):
        street.lamps.light()
    for _ in range(3):
        run_once(chain_task)
    assert chain_task.failure is None
    street.store._connections.get().execute("UPDATE events SET recorded_at=recorded_at+1 WHERE position=120")  # type: ignore[attr-defined]
    for _ in range(3):
        run_once(chain_task)
    assert chain_task.failure == "event 120 of street was changed after it was chained"
    street.lamps.light()
    run_once(chain_task)
    assert street.chain.head().position == 151
