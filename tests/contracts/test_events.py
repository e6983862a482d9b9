"""Every shape of an event ever released still reads, and the current ones are all on file."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from shared import codec
from shared.contracts import CONTRACTS
from shared.event_codec import decode_event
from shared.store import RecordedEvent

SAMPLES = Path(__file__).parent / "samples"
STORED = sorted((SAMPLES / "stored").glob("*.json"))
PUBLISHED = sorted((SAMPLES / "published").glob("*.json"))


@pytest.mark.parametrize("sample", STORED, ids=lambda path: path.stem)
def test_a_stored_event_of_any_release_reads(sample: Path) -> None:
    name = sample.stem.rpartition(".v")[0]
    event = decode_event(RecordedEvent(1, uuid4(), 1, name, datetime.now(UTC), sample.read_bytes()))
    assert name == type(event).TOPIC
    kept = codec.decode_untyped(sample.read_bytes())
    assert event.meta.actor == kept["meta"]["actor"]


@pytest.mark.parametrize("sample", PUBLISHED, ids=lambda path: path.stem)
def test_a_published_event_of_any_release_reads(sample: Path) -> None:
    contract = CONTRACTS[sample.stem]
    event = codec.decode(sample.read_bytes(), contract)
    again = codec.decode_untyped(codec.encode(event))
    assert again.items() >= codec.decode_untyped(sample.read_bytes()).items()


def test_there_are_samples_of_both_kinds() -> None:
    assert len(STORED) > 40
    assert {each.stem for each in PUBLISHED} >= set(CONTRACTS)
