"""Figures of two services are compared page by page, in both directions, and named where they differ for certain."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from shared.codec import decode, encode
from shared.commands import Commands
from shared.domain import Aggregate, event
from shared.module import Module
from shared.projections import Rows, on
from shared.projections.figures import FIRST, FigurePage, Figures, add_to_figure, open_figure, read_figures
from shared.projections.row_table import CHUNK_SIZE
from shared.service import Service
from shared.testing.services import catch_up, open_service
from shared.testing.web import create_client
from shared.worker.figure_check import FigureCheck, Received

MORE_THAN_A_PAGE = CHUNK_SIZE + 200


class StorageJar(Aggregate):
    @event("Opened")
    def __init__(self, code: str) -> None:
        self.code = code

    @event("Filled")
    def fill(self, quantity: Decimal) -> None:
        pass


class Jars(Figures):
    """What is in each jar."""

    @on(StorageJar.Opened)
    def opened(self, opened: StorageJar.Opened, rows: Rows) -> None:
        open_figure(rows, opened.originator_id, opened.code)

    @on(StorageJar.Filled)
    def filled(self, filled: StorageJar.Filled, rows: Rows) -> None:
        add_to_figure(rows, filled.originator_id, filled.quantity)


class CopiedJars(Jars):
    """The same, as another service keeps it."""

    name = "jars"
    source = "pantry"


class JarCommands(Commands):
    def fill(self, quantity: str, *codes: str) -> None:
        for code in codes:
            jar = StorageJar(code)
            jar.fill(Decimal(quantity))
            self.uow.save(jar)

    def add(self, jar_id: UUID, quantity: str) -> None:
        jar = self.uow.get(StorageJar, jar_id)
        jar.fill(Decimal(quantity))
        self.uow.save(jar)


class Pantry(Service):
    NAME = "pantry"
    modules = (Module("jars", commands=JarCommands, projections=(Jars,)),)


class Kitchen(Service):
    NAME = "kitchen"
    modules = (Module("jars", commands=JarCommands, projections=(CopiedJars,)),)


class Check:
    """The check of the kitchen; `processed` and `published` are positions of the pantry's log."""

    def __init__(self, folder: Path) -> None:
        self.pantry, self.kitchen = open_service(Pantry, folder), open_service(Kitchen, folder)
        self.processed: int | None = None
        self.asked: list[str] = []
        self.check = FigureCheck(self.kitchen, CopiedJars, self._received, self._fetch)

    def _received(self) -> dict[str, Received]:
        head = self.pantry.store.head()
        return {"pantry": Received(self.pantry.store.epoch, head if self.processed is None else self.processed, head)}

    def _fetch(self, service: str, path: str) -> bytes:
        assert service == "pantry"
        self.asked.append(path)
        body: bytes = create_client(self.pantry, ()).get(path).data
        page = decode(body, FigurePage)
        return encode(FigurePage(page.epoch, page.position, self.pantry.store.head(), page.figures))

    def look(self, times: int = 1) -> str | None:
        for _ in range(times):
            catch_up(self.pantry)
            catch_up(self.kitchen)
            self.check.look()
        return self.check.failure


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Check]:
    check = Check(tmp_path)
    yield check
    for each in (check.pantry, check.kitchen):
        each.store.close()


def test_figures_of_many_pages_that_agree_are_read_once_in_a_sweep(two: Check) -> None:
    codes = [f"J-{number}" for number in range(MORE_THAN_A_PAGE)]
    two.pantry.jars.fill("2", *codes)
    two.kitchen.jars.fill("2.0", *reversed(codes))
    assert two.look(2) is None
    assert len(set(two.asked)) == 2
    assert two.look() is None
    assert two.asked[2] == two.asked[0]


def test_figures_that_only_one_service_has_are_named_on_every_page(two: Check) -> None:
    codes = [f"J-{number:04}" for number in range(MORE_THAN_A_PAGE)]
    two.pantry.jars.fill("2", *codes, "lost")
    two.kitchen.jars.fill("2", "A-invented", *codes)
    assert two.look(4) == "A-invented: 0 in pantry, 2 in kitchen; lost: 2 in pantry, 0 in kitchen"


def test_a_difference_counts_once_all_that_was_published_is_processed(two: Check) -> None:
    two.pantry.jars.fill("2", "plums")
    two.processed = 1
    assert two.look(4) is None
    two.processed = two.pantry.store.head()
    assert two.look(2) == "plums: 2 in pantry, 0 in kitchen"


def test_a_figure_that_changes_between_two_looks_is_looked_at_again(two: Check) -> None:
    two.pantry.jars.fill("2", "plums")
    assert two.look() is None
    [jar] = [each.aggregate for each in two.pantry.store.log(0, 1)]
    two.pantry.jars.add(jar, "1")
    assert two.look() is None
    assert two.look(2) == "plums: 3 in pantry, 0 in kitchen"


def test_more_differences_than_an_alarm_lists_are_counted(two: Check) -> None:
    two.pantry.jars.fill("2", *(f"J-{number}" for number in range(12)))
    alarm = two.look(2)
    assert alarm is not None
    assert alarm.endswith("; 2 more figures differ")


def test_a_change_of_nothing_is_no_change(two: Check) -> None:
    two.pantry.jars.fill("0", "plums")
    catch_up(two.pantry)
    page = read_figures(two.pantry.store, two.pantry.read_models, Jars, FIRST)
    assert page is not None
    assert page.figures == []
