"""A read model rebuilt from an empty database, one row per event, against the library reading and decoding a log."""

from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from shared.projections import ReadModels
from tests.bench.example import LINES, BenchNote, Notes, NotesRead, open_sqlite_notes
from tests.bench.measure import Effort, Figure, Rate, alternate, measure_rate, ratio_row, scratch

NOTES, READINGS = 400, 50
EVENTS = NOTES * READINGS
PAGE = 500
LENGTHS = (10_000, 100_000, 400_000)
LINEAR_SHARE = 0.8
"""A longer log must reach at least this share of the events per second."""


class LibraryNote(Aggregate):
    """The same note with the library alone."""

    @event("Written")
    def __init__(self, order_id: str) -> None:
        self.reads = 0

    @event("Read")
    def read(self, by: str, actor: str, correlation: str, causation: str, effective_on: str) -> None:
        self.reads += 1


def create_log(folder: Path, notes: int = NOTES) -> Notes:
    """Return a service whose log has notes that were read many times."""
    service = open_sqlite_notes(folder)

    def one_note() -> None:
        note = BenchNote(uuid4(), LINES)
        for _ in range(READINGS):
            note.read("anna")
        service.runner.uow.save(note)

    for _ in range(notes):
        service.runner.run(one_note)
    return service


def measure_rebuild(service: Notes, reports: Path, events: int) -> Rate:
    """Rebuild the read model in its own file."""
    models = ReadModels(Notes.NAME, service.store, (NotesRead,), reports)
    models.migrate()

    def rebuild(_: int) -> None:
        while models.process_batch():
            pass

    taken = measure_rate(rebuild, events)
    models.close()
    return taken


def create_library_log(folder: Path) -> Application[UUID]:
    """Return a log with the same events, written by the library."""
    application: Application[UUID] = Application(
        {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "library.db")}
    )
    for _ in range(NOTES):
        note = LibraryNote(str(uuid4()))
        for _ in range(READINGS):
            note.read("anna", "user", str(uuid4()), f"command:{uuid4().hex}", "2026-11-23")
        application.save(note)
    return application


def measure_rebuilding(effort: Effort) -> list[Figure]:
    """Measure rows per second against events per second read and decoded."""
    with scratch() as folder:
        service, library = create_log(folder), create_library_log(folder)
        runs = count()

        def ours() -> Rate:
            return measure_rebuild(service, folder / f"reports-{next(runs)}.db", EVENTS)

        pairs = alternate(ours, lambda: measure_rate(lambda _: _read_all(library), EVENTS), effort.rounds)
        service.store.close()
        library.close()
    return [ratio_row("read model rebuilt from zero", pairs, "events/s", 0.5, 1.0)]


def measure_longer_logs(effort: Effort) -> list[Figure]:
    """Measure events per second of logs of several lengths: a long log must be as fast as a short one."""
    with scratch() as folder:
        logs = {events: create_log(folder / str(events), events // READINGS) for events in map(effort.scale, LENGTHS)}
        taken: dict[int, list[Rate]] = {events: [] for events in logs}
        for turn in range(effort.rounds):
            for events, service in logs.items():
                taken[events].append(measure_rebuild(service, folder / f"reports-{events}-{turn}.db", events))
        for service in logs.values():
            service.store.close()
    shortest, *longer = taken
    return [_compared(events, taken[events], shortest, taken[shortest]) for events in longer]


def _compared(events: int, ours: list[Rate], shortest: int, limit: list[Rate]) -> Figure:
    pairs = list(zip(ours, limit, strict=True))
    return ratio_row(f"rebuild of {events:,} events against {shortest:,}", pairs, "events/s", LINEAR_SHARE, 1.0)


def _read_all(library: Application[UUID]) -> None:
    after = 0
    while page := library.recorder.select_notifications(after, PAGE, inclusive_of_start=False):
        for notification in page:
            library.mapper.to_domain_event(notification)
        after = page[-1].id
