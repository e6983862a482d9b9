"""Readers limited to one owner never return another owner's rows, on both databases."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared.domain import Aggregate, event
from shared.projections import Projection, ReadModels, ResourceProjection, RowReader, Rows, on
from shared.projections.database import TableMissing
from tests.unit.shared.projections.shop import Shop, catch_up, change_database


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
    """All gardens."""

    aggregate_class = Garden
    columns = {"owner": str}
    owned_by = "owner"

    @staticmethod
    def to_row(garden: Garden) -> dict[str, Any]:
        return {"owner": garden.owner}


class Trees(ResourceProjection):
    """All trees; a tree's owner is that of its garden."""

    aggregate_class = Tree
    columns = {"garden_id": UUID, "kind": str}
    search = ("kind",)
    owned_by = "garden_id", Gardens

    @staticmethod
    def to_row(tree: Tree) -> dict[str, Any]:
        return {"garden_id": tree.garden_id, "kind": tree.kind}


class Laid(Projection):
    """One row for each garden, with history and without an owner."""

    columns = {"owner": str}
    has_history = True

    @on(Garden.Laid)
    def laid(self, laid: Any, rows: Rows) -> None:
        rows[laid.originator_id] = {"owner": laid.owner}


class LaidWithOwner(Laid):
    """The same rows, owned by the first owner of the garden."""

    owned_by = "owner"


@pytest.fixture
def models(shop: Shop, open_read_models: Callable[..., ReadModels]) -> ReadModels:
    """Two apple trees in Ann's garden, a pear tree in Bob's, and a plum tree in a garden without an owner."""
    for owner, kinds in (("bob", ["pear"]), ("ann", ["apple", "apple"]), (None, ["plum"])):
        garden = Garden(owner)
        shop.save(garden, *(Tree(garden.id, kind) for kind in kinds))
    return catch_up(open_read_models(Gardens, Trees, Laid, LaidWithOwner))


def kinds(rows: Any) -> list[str]:
    return [row["kind"] for row in rows]


def test_a_reader_lists_counts_and_finds_only_rows_of_its_owner(models: ReadModels) -> None:
    trees = models.reader_for(Trees)
    of_ann = trees.for_owner("ann")
    assert kinds(of_ann.list_rows(sort=["-kind"])) == kinds(of_ann.iterate_rows()) == ["apple", "apple"]
    assert (of_ann.count(), of_ann.count({"kind": "pear"}), of_ann.count(q="p")) == (2, 0, 2)
    assert of_ann.list_rows({"kind": "pear"}) == of_ann.list_rows(q="plum") == []
    assert kinds(trees.for_owner("bob").list_rows(sort=["kind"], limit=1)) == ["pear"]
    assert trees.count() == 4


def test_a_row_of_another_owner_is_not_found(models: ReadModels) -> None:
    gardens, trees = models.reader_for(Gardens), models.reader_for(Trees)
    for row in trees.iterate_rows():
        owner = gardens.get(row["garden_id"])["owner"]  # type: ignore[index]
        assert (trees.for_owner("ann").get(row["id"]) == row) is (owner == "ann")
        assert (trees.for_owner("bob").get(row["id"]) == row) is (owner == "bob")


@pytest.mark.parametrize("owner", ["", "Ann", "an%", "None", "' OR 1=1 --", "\x01", "?"])
def test_a_similar_owner_name_has_no_rows(models: ReadModels, owner: str) -> None:
    assert models.reader_for(Trees).for_owner(owner).count() == 0


def test_pages_contain_only_rows_of_the_owner(shop: Shop, models: ReadModels) -> None:
    of_ann = models.reader_for(Trees).for_owner("ann")
    first = of_ann.list_rows(sort=["kind"], limit=1)
    second = of_ann.list_rows(sort=["kind"], after=of_ann.cursor_of(first[0], ["kind"]), limit=2)
    assert len({row["id"] for row in first + second}) == 2
    assert kinds(second) == ["apple"]


def test_rows_change_their_owner_together_with_their_parent(shop: Shop, models: ReadModels) -> None:
    garden = Garden("ann")
    shop.save(garden, Tree(garden.id, "quince"))
    catch_up(models)
    of_ann, of_bob = (models.reader_for(Trees).for_owner(owner) for owner in ("ann", "bob"))
    assert (of_ann.count(q="quince"), of_bob.count(q="quince")) == (1, 0)
    garden.give("bob")
    shop.save(garden)
    catch_up(models)
    assert (of_ann.count(q="quince"), of_bob.count(q="quince")) == (0, 1)
    assert all(each.is_equal for each in models.rebuild().values())


def test_a_reader_for_an_owner_can_read_past_rows(shop: Shop, models: ReadModels) -> None:
    own = models.reader_for(LaidWithOwner).for_owner("ann")
    assert (own.count(), own.as_of_position(2).count(), own.as_of_position(shop.store.head()).count()) == (1, 0, 1)
    assert models.reader_for(LaidWithOwner).as_of_position(2).for_owner("bob").count() == 1


def test_a_projection_without_owners_cannot_be_read_for_an_owner(models: ReadModels) -> None:
    with pytest.raises(TypeError, match="laid declares no owner"):
        models.reader_for(Laid).for_owner("ann")


def test_owned_rows_cannot_be_read_while_the_projection_of_their_owners_is_rebuilt(
    models: ReadModels, database: str
) -> None:
    """Trees take their owner from gardens, whose old rows have no owner column."""
    reader: RowReader = models.reader_for(Trees).for_owner("ann")
    assert reader.count() == 2
    change_database(database, "UPDATE projections SET schema_key = '1/of/old' WHERE projection = 'gardens'")
    with pytest.raises(TableMissing):
        reader_of_new_process(models).for_owner("ann").count()


def reader_of_new_process(models: ReadModels) -> RowReader:
    """Return a reader as in a process that has not read before."""
    models._serving_tables.clear()
    return models.reader_for(Trees)


@pytest.mark.parametrize("owned_by", ["name", ("garden_id", Trees), ("missing", Gardens)])
def test_owned_by_must_lead_to_an_owner(owned_by: Any) -> None:
    with pytest.raises(TypeError, match="does not lead to an owner"):
        type("Invalid", (Projection,), {"columns": {"garden_id": UUID}, "owned_by": owned_by})
