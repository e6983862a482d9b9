"""Rows as one owner sees them: whatever is asked, nothing else is there. The same on both databases."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared.domain import Aggregate, event
from shared.projections import Projection, ReadModels, ResourceProjection, RowReader, Rows, on
from shared.projections.database import TableMissing
from tests.unit.shared.report.shop import Shop, catch_up, change_database


class Garden(Aggregate):
    @event("Laid")
    def __init__(self, owner: str | None) -> None:
        self.owner = owner

    @event("Given")
    def give(self, owner: str | None) -> None:
        self.owner = owner


class Tree(Aggregate):
    @event("Planted")
    def __init__(self, garden_id: UUID, kind: str) -> None:
        self.garden_id, self.kind = garden_id, kind


class Gardens(ResourceProjection):
    """Where something grows."""

    aggregate_class = Garden
    columns = {"owner": str}
    owned_by = "owner"

    @staticmethod
    def to_row(garden: Garden) -> dict[str, Any]:
        return {"owner": garden.owner}


class Trees(ResourceProjection):
    """What grows, and belongs to whom the garden belongs."""

    aggregate_class = Tree
    columns = {"garden_id": UUID, "kind": str}
    search = ("kind",)
    owned_by = "garden_id", Gardens

    @staticmethod
    def to_row(tree: Tree) -> dict[str, Any]:
        return {"garden_id": tree.garden_id, "kind": tree.kind}


class Laid(Projection):
    """A row a garden, with its history; nobody's."""

    columns = {"owner": str}
    has_history = True

    @on(Garden.Laid)
    def laid(self, laid: Any, rows: Rows) -> None:
        rows[laid.originator_id] = {"owner": laid.owner}


class LaidFor(Laid):
    """The same, for whom it was laid."""

    owned_by = "owner"


@pytest.fixture
def models(shop: Shop, opened: Callable[..., ReadModels]) -> ReadModels:
    """Ann's garden with two apple trees between Bob's with a pear and nobody's with a plum."""
    for owner, kinds in (("bob", ["pear"]), ("ann", ["apple", "apple"]), (None, ["plum"])):
        garden = Garden(owner)
        shop.save(garden, *(Tree(garden.id, kind) for kind in kinds))
    return catch_up(opened(Gardens, Trees, Laid, LaidFor))


def kinds(rows: Any) -> list[str]:
    return [row["kind"] for row in rows]


def test_one_sees_counts_and_finds_nothing_but_ones_own(models: ReadModels) -> None:
    trees = models.reader_for(Trees)
    hers = trees.for_owner("ann")
    assert kinds(hers.list_rows(sort=["-kind"])) == kinds(hers.iterate_rows()) == ["apple", "apple"]
    assert (hers.count(), hers.count({"kind": "pear"}), hers.count(q="p")) == (2, 0, 2)
    assert hers.list_rows({"kind": "pear"}) == hers.list_rows(q="plum") == []
    assert kinds(trees.for_owner("bob").list_rows(sort=["kind"], limit=1)) == ["pear"]
    assert trees.count() == 4


def test_what_is_anothers_has_no_row(models: ReadModels) -> None:
    gardens, trees = models.reader_for(Gardens), models.reader_for(Trees)
    for row in trees.iterate_rows():
        owner = gardens.get(row["garden_id"])["owner"]  # type: ignore[index]
        assert (trees.for_owner("ann").get(row["id"]) == row) is (owner == "ann")
        assert (trees.for_owner("bob").get(row["id"]) == row) is (owner == "bob")


@pytest.mark.parametrize("stranger", ["", "Ann", "an%", "None", "' OR 1=1 --", "\x01", "?"])
def test_a_name_that_is_not_quite_the_same_owns_nothing(models: ReadModels, stranger: str) -> None:
    assert models.reader_for(Trees).for_owner(stranger).count() == 0


def test_pages_are_cut_among_ones_own(shop: Shop, models: ReadModels) -> None:
    hers = models.reader_for(Trees).for_owner("ann")
    first = hers.list_rows(sort=["kind"], limit=1)
    second = hers.list_rows(sort=["kind"], after=hers.cursor_of(first[0], ["kind"]), limit=2)
    assert len({row["id"] for row in first + second}) == 2
    assert kinds(second) == ["apple"]


def test_what_belongs_to_a_thing_goes_with_it_at_once(shop: Shop, models: ReadModels) -> None:
    garden = Garden("ann")
    shop.save(garden, Tree(garden.id, "quince"))
    catch_up(models)
    hers, his = (models.reader_for(Trees).for_owner(who) for who in ("ann", "bob"))
    assert (hers.count(q="quince"), his.count(q="quince")) == (1, 0)
    garden.give("bob")
    shop.save(garden)
    catch_up(models)
    assert (hers.count(q="quince"), his.count(q="quince")) == (0, 1)
    assert all(each.is_equal for each in models.rebuild().values())


def test_ones_own_is_also_what_was_known_to_be(shop: Shop, models: ReadModels) -> None:
    hers = models.reader_for(LaidFor).for_owner("ann")
    assert (hers.count(), hers.as_of_position(2).count(), hers.as_of_position(shop.store.head()).count()) == (1, 0, 1)
    assert models.reader_for(LaidFor).as_of_position(2).for_owner("bob").count() == 1


def test_what_does_not_say_whose_its_rows_are_is_shown_to_no_owner(models: ReadModels) -> None:
    with pytest.raises(TypeError, match="laid declares no owner"):
        models.reader_for(Laid).for_owner("ann")


def test_while_nobody_can_say_whose_they_are_rows_are_not_shown(models: ReadModels, database: str) -> None:
    """The collection that says it is being built anew, and its old rows know nothing of owners."""
    reader: RowReader = models.reader_for(Trees).for_owner("ann")
    assert reader.count() == 2
    change_database(database, "UPDATE projections SET schema_key = '1/of/old' WHERE projection = 'gardens'")
    with pytest.raises(TableMissing):
        models_again(models).for_owner("ann").count()


def models_again(models: ReadModels) -> RowReader:
    """Asked by a process that has not asked before."""
    models._serving_tables.clear()
    return models.reader_for(Trees)


@pytest.mark.parametrize("rule", ["name", ("garden_id", Trees), ("nobody", Gardens)])
def test_a_rule_leads_to_an_owner(rule: Any) -> None:
    with pytest.raises(TypeError, match="does not lead to an owner"):
        type("Astray", (Projection,), {"columns": {"garden_id": UUID}, "owned_by": rule})
