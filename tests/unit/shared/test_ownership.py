"""Whoever sees only his own is let near nothing that is not his, as it is stored: what says nothing is nobody's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.command_context import Caller
from shared.command_runner import StoredResponse
from shared.commands import Commands
from shared.domain import AccessDenied, Aggregate, InvalidInput, NotFound, event
from shared.module import Module
from shared.projections import ResourceProjection
from shared.service import Service
from shared.testing.services import open_service


class Field(Aggregate):
    @event("Fenced")
    def __init__(self, owner: str | None) -> None:
        self.owner = owner

    @event("Sold")
    def sell(self, owner: str | None) -> None:
        self.owner = owner


class Hut(Aggregate):
    @event("Built")
    def __init__(self, field_id: UUID) -> None:
        self.field_id = field_id

    @event("Painted")
    def paint(self) -> None:
        """Nobody decides on it."""


class Well(Aggregate):
    @event("Dug")
    def __init__(self) -> None:
        """It is everybody's, and so nobody's."""


class Fields(ResourceProjection):
    aggregate_class = Field
    columns = {"owner": str}
    owned_by = "owner"

    @staticmethod
    def to_row(field: Field) -> dict[str, Any]:
        return {"owner": field.owner}


class Huts(ResourceProjection):
    aggregate_class = Hut
    columns = {"field_id": UUID}
    owned_by = "field_id", Fields

    @staticmethod
    def to_row(hut: Hut) -> dict[str, Any]:
        return {"field_id": hut.field_id}


class Wells(ResourceProjection):
    aggregate_class = Well

    @staticmethod
    def to_row(well: Well) -> dict[str, Any]:
        return {}


class Land(Commands):
    def keep(self, kind: Any, *born_with: Any) -> Any:
        return self.uow.save(kind(*born_with))

    def build(self, field_id: UUID) -> Hut:
        return self.uow.save(Hut(self.uow.get_referenced(Field, field_id, field="field_id").id))

    def paint(self, hut_id: UUID) -> Hut:
        hut = self.uow.get(Hut, hut_id)
        hut.paint()
        return self.uow.save(hut)

    def sell(self, field_id: UUID, owner: str | None) -> Field:
        field = self.uow.get(Field, field_id)
        field.sell(owner)
        return self.uow.save(field)


class Village(Service):
    NAME = "village"
    modules = (Module("land", commands=Land, projections=(Fields, Huts, Wells)),)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    village = open_service(Village, tmp_path)
    yield village
    village.store.close()


def told(village: Village, actor: str, work: Any, version: int | None = None) -> Any:
    """What comes of a command of somebody who sees only his own."""
    done: list[Any] = []

    def once() -> StoredResponse:
        done.append(work())
        return StoredResponse(200)

    caller = Caller(actor, only_own=True)
    village.runner.execute(once, caller=caller, key=uuid4().hex, request_digest="", expected_version=version)
    return done[-1]


def test_what_is_ones_own_is_there_and_nothing_else(village: Village) -> None:
    hut = village.land.build(village.land.keep(Field, "ann").id)
    assert told(village, "ann", lambda: village.land.paint(hut.id)).version == 2
    for stranger in ("bob", "Ann", "", "None"):
        with pytest.raises(NotFound, match=f"hut {hut.id} not found"):
            told(village, stranger, lambda: village.land.paint(hut.id))
    assert village.land.paint(hut.id).version == 3


def test_what_nobody_owns_and_what_has_no_rule_is_nobodys(village: Village) -> None:
    hut, well = village.land.build(village.land.keep(Field, None).id), village.land.keep(Well)
    with pytest.raises(NotFound):
        told(village, "None", lambda: village.land.paint(hut.id))
    with pytest.raises(NotFound):
        told(village, "ann", lambda: village.runner.uow.get(Well, well.id))
    assert told(village, "ann", lambda: village.runner.uow.get_or_none(Well, well.id)) is None


def test_a_thing_is_judged_as_it_is_stored_now(village: Village) -> None:
    field = village.land.keep(Field, "ann")
    hut = village.land.build(field.id)
    village.land.sell(field.id, "bob")
    with pytest.raises(NotFound):
        told(village, "ann", lambda: village.land.paint(hut.id))
    assert told(village, "bob", lambda: village.land.paint(hut.id)).version == 2


def test_it_is_not_there_before_it_is_another_version(village: Village) -> None:
    hut = village.land.build(village.land.keep(Field, "ann").id)
    for version in (1, 99):
        with pytest.raises(NotFound):
            told(village, "bob", lambda: village.land.paint(hut.id), version)
    assert told(village, "ann", lambda: village.land.paint(hut.id), version=1).version == 2


@pytest.mark.parametrize("anothers", [True, False])
def test_what_is_named_beside_is_refused_known_or_not(village: Village, anothers: bool) -> None:
    field, before = village.land.keep(Field, "ann"), village.store.head()
    named = field.id if anothers else uuid4()
    with pytest.raises(AccessDenied, match=rf"^field {named} not found$") as refused:
        told(village, "bob", lambda: village.land.build(named))
    assert refused.value.field == "field_id"
    assert village.store.head() == before


def test_who_sees_everything_is_told_what_is_not_there(village: Village) -> None:
    with pytest.raises(InvalidInput, match=r"^field .* not found$") as refused:
        village.land.build(uuid4())
    assert refused.value.field == "field_id"
    assert village.land.build(village.land.keep(Field, "ann").id).version == 1


def test_nothing_is_made_or_given_away_that_is_not_ones_own_afterwards(village: Village) -> None:
    field, before = village.land.keep(Field, "ann"), village.store.head()
    for wrong in (
        lambda: village.land.sell(field.id, "bob"),
        lambda: village.land.keep(Field, "bob"),
        lambda: village.land.keep(Hut, uuid4()),
        lambda: village.land.keep(Well),
    ):
        with pytest.raises(AccessDenied):
            told(village, "ann", wrong)
    assert village.store.head() == before
    assert told(village, "ann", lambda: village.land.keep(Field, "ann")).version == 1


def test_a_thing_of_another_kind_is_not_there_at_all(village: Village) -> None:
    hut = village.land.build(village.land.keep(Field, "ann").id)
    for _ in range(2):
        with pytest.raises(AccessDenied):
            told(village, "ann", lambda: village.land.build(hut.id))


def test_rows_of_which_nobody_says_whose_they_are_are_not_asked(village: Village) -> None:
    with (
        village.runner.read_only(Caller("ann", only_own=True)),
        pytest.raises(TypeError, match="wells declares no owner"),
    ):
        village.reader_for(Wells)
    with village.runner.read_only(Caller("ann")):
        assert village.reader_for(Wells).count() == 0
