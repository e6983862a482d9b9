"""A history of 100,000 events, chained and verified."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from uuid import uuid4

from cli.export import Document, write
from cli.verify import verify
from shared import codec
from shared.chain import CheckpointSigner, HashChain
from shared.domain import EventMetadata
from shared.projections.database_url import open_database
from shared.store import Commit, NewEvent
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.web.audit import raw_log_page
from tests.bench.example import LINES
from tests.bench.measure import Effort, Figure, Goal, scratch

EVENTS = 100_000
BATCH_SIZE = 500
SERVICE = "bench"


class VerificationFailed(Exception):
    """Raised when the verifier found a fault in a sound export."""


def measure_history(effort: Effort) -> list[Figure]:
    """Measure the seconds of the verification and the speed of chaining."""
    events = effort.scale(EVENTS)
    with scratch() as folder:
        store = _log(folder, events)
        chained, content = _export(store, folder)
        store.close()
    seconds = [_verify(content) * EVENTS / events for _ in range(effort.rounds)]
    size = sum(map(len, content)) / events
    goal = Goal(10, 5, "{:.1f}", " s", is_maximum=True)
    row = Figure(f"{EVENTS:,} events verified", f"{median(seconds):.1f} s", "", seconds, goal)
    row.notes += [f"{size:,.0f} bytes an event in the export", f"{events / chained:,.0f} events/s chained before"]
    return [row]


def _log(folder: Path, events: int) -> SqliteEventStore:
    """Return a log of notes that are written once and read three times."""
    store = SqliteEventStore(SERVICE, folder / "events.db", IntegrityKey(folder / "integrity"))
    store.migrate()
    state = codec.encode(
        {"meta": EventMetadata("anna", uuid4(), f"command:{uuid4().hex}", date(2026, 11, 23)), "lines": LINES}
    )
    for _ in range(0, events, BATCH_SIZE):
        store.commit(Commit(events=[each for _ in range(BATCH_SIZE // 4) for each in _aggregate_events(state)]))
    return store


def _aggregate_events(state: bytes) -> Iterator[NewEvent]:
    note_id = uuid4()
    for version in range(1, 5):
        yield NewEvent(note_id, version, "bench.BenchNote.Read" if version > 1 else "bench.BenchNote.Written", state)


def _export(store: SqliteEventStore, folder: Path) -> tuple[float, Sequence[bytes]]:
    """Return the seconds of chaining and the lines of the export."""
    chain = HashChain(store, open_database(folder / "chain.db", SERVICE), CheckpointSigner(SERVICE, folder / "seed"))
    chain.migrate()
    seconds = _timed(chain.extend_to_end)
    file = BytesIO()
    write(_documents(store, chain), file)
    chain.close()
    return seconds, file.getvalue().splitlines(keepends=True)


def _documents(store: SqliteEventStore, chain: HashChain) -> Iterator[Document]:
    signed = chain.create_checkpoint()
    yield {"sihe": "export", "format": 1, "made_at": signed.at}
    yield {"log": SERVICE, "epoch": signed.epoch, "key": signed.key}
    yield {"checkpoint": codec.decode_untyped(codec.encode(signed)), "held_by": SERVICE}
    for after in range(0, signed.position, BATCH_SIZE):
        yield from map(codec.decode_untyped, raw_log_page(store, chain, after, BATCH_SIZE).lines)


def _verify(content: Sequence[bytes]) -> float:
    def judge() -> None:
        if faults := verify(content).faults:
            raise VerificationFailed(faults[0])

    return _timed(judge)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
