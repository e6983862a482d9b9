"""Ownership: callers limited to their own records neither read, change nor reference the records of others."""

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
        """Paint the hut; no rule refuses it."""


class Well(Aggregate):
    @event("Dug")
    def __init__(self) -> None:
        """Dig a well, which has no owner."""


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
    def create(self, aggregate_class: Any, *arguments: Any) -> Any:
        return self.uow.save(aggregate_class(*arguments))

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


def run_limited(village: Village, actor: str, command: Any, version: int | None = None) -> Any:
    """Return the result of a command of a caller who is limited to their own records."""
    results: list[Any] = []

    def run() -> StoredResponse:
        results.append(command())
        return StoredResponse(200)

    caller = Caller(actor, only_own=True)
    village.runner.execute(run, caller=caller, key=uuid4().hex, request_digest="", expected_version=version)
    return results[-1]


def test_callers_find_their_own_records_only(village: Village) -> None:
    hut = village.land.build(village.land.create(Field, "ann").id)
    assert run_limited(village, "ann", lambda: village.land.paint(hut.id)).version == 2
    for stranger in ("bob", "Ann", "", "None"):
        with pytest.raises(NotFound, match=f"hut {hut.id} not found"):
            run_limited(village, stranger, lambda: village.land.paint(hut.id))
    assert village.land.paint(hut.id).version == 3


def test_records_without_an_owner_or_without_an_ownership_rule_are_not_found(village: Village) -> None:
    hut, well = village.land.build(village.land.create(Field, None).id), village.land.create(Well)
    with pytest.raises(NotFound):
        run_limited(village, "None", lambda: village.land.paint(hut.id))
    with pytest.raises(NotFound):
        run_limited(village, "ann", lambda: village.runner.uow.get(Well, well.id))
    assert run_limited(village, "ann", lambda: village.runner.uow.get_or_none(Well, well.id)) is None


def test_the_owner_is_read_from_the_stored_state(village: Village) -> None:
    field = village.land.create(Field, "ann")
    hut = village.land.build(field.id)
    village.land.sell(field.id, "bob")
    with pytest.raises(NotFound):
        run_limited(village, "ann", lambda: village.land.paint(hut.id))
    assert run_limited(village, "bob", lambda: village.land.paint(hut.id)).version == 2


def test_ownership_is_checked_before_the_expected_version(village: Village) -> None:
    hut = village.land.build(village.land.create(Field, "ann").id)
    for version in (1, 99):
        with pytest.raises(NotFound):
            run_limited(village, "bob", lambda: village.land.paint(hut.id), version)
    assert run_limited(village, "ann", lambda: village.land.paint(hut.id), version=1).version == 2


@pytest.mark.parametrize("is_known", [True, False])
def test_references_to_unknown_and_to_others_records_are_refused_alike(village: Village, is_known: bool) -> None:
    field, before = village.land.create(Field, "ann"), village.store.head()
    referenced = field.id if is_known else uuid4()
    with pytest.raises(AccessDenied, match=rf"^field {referenced} not found$") as refused:
        run_limited(village, "bob", lambda: village.land.build(referenced))
    assert refused.value.field == "field_id"
    assert village.store.head() == before


def test_an_unlimited_caller_receives_invalid_input_for_an_unknown_reference(village: Village) -> None:
    with pytest.raises(InvalidInput, match=r"^field .* not found$") as refused:
        village.land.build(uuid4())
    assert refused.value.field == "field_id"
    assert village.land.build(village.land.create(Field, "ann").id).version == 1


def test_a_change_after_which_a_record_does_not_belong_to_the_caller_is_refused(village: Village) -> None:
    field, before = village.land.create(Field, "ann"), village.store.head()
    for command in (
        lambda: village.land.sell(field.id, "bob"),
        lambda: village.land.create(Field, "bob"),
        lambda: village.land.create(Hut, uuid4()),
        lambda: village.land.create(Well),
    ):
        with pytest.raises(AccessDenied):
            run_limited(village, "ann", command)
    assert village.store.head() == before
    assert run_limited(village, "ann", lambda: village.land.create(Field, "ann")).version == 1


def test_a_reference_to_an_aggregate_of_another_class_is_refused(village: Village) -> None:
    hut = village.land.build(village.land.create(Field, "ann").id)
    for _ in range(2):
        with pytest.raises(AccessDenied):
            run_limited(village, "ann", lambda: village.land.build(hut.id))


def test_a_projection_without_an_ownership_rule_is_not_read_for_limited_callers(village: Village) -> None:
    with (
        village.runner.read_only(Caller("ann", only_own=True)),
        pytest.raises(TypeError, match="wells declares no owner"),
    ):
        village.reader_for(Wells)
    with village.runner.read_only(Caller("ann")):
        assert village.reader_for(Wells).count() == 0
