"""A store written by another generation of the schema is refused as it is."""

from pathlib import Path

import psycopg
import pytest

from shared.store import Commit, StoreError, UnsupportedGeneration
from tests.integration.store.databases import DatabaseFixture, new_event, positions

FIRST_GENERATION = (
    "CREATE TABLE incarnation (epoch TEXT NOT NULL, service TEXT NOT NULL)",
    "CREATE TABLE events (position BIGINT PRIMARY KEY, aggregate TEXT NOT NULL)",
    "INSERT INTO incarnation VALUES ('e0e0e0e0e0e0e0e0', 'shop')",
)
ADVICE = r"; this version reads generation 7\. Start with another SIHE_HOME, or use the version that wrote it\.$"


def refused(place: DatabaseFixture, generation: int) -> None:
    where = Path(place.address).name if place.on_sqlite else "the PostgreSQL schema shop"
    sentence = rf"^The event store of shop in .*{where} was written by schema generation {generation}{ADVICE}"
    store = place.open(migrated=False)
    with pytest.raises(UnsupportedGeneration, match=sentence):
        store.check()
    with pytest.raises(UnsupportedGeneration, match=sentence):
        store.migrate()


def test_a_store_with_the_tables_of_the_first_generation_is_refused_and_not_changed(place: DatabaseFixture) -> None:
    if not place.on_sqlite:
        with psycopg.connect(place.address) as connection:
            connection.execute("CREATE SCHEMA shop")
    for statement in FIRST_GENERATION:
        place.change(statement)
    refused(place, 1)
    with pytest.raises(StoreError):
        place.open(migrated=False).published_events(0, 1)


@pytest.mark.parametrize(
    ("change", "generation"),
    [
        ("UPDATE store_identity SET generation=3", 3),
        ("UPDATE store_identity SET generation=8", 8),
        ("ALTER TABLE store_identity DROP COLUMN generation", 1),
        ("CREATE TABLE incarnation (epoch TEXT)", 1),
        ("DROP TABLE store_identity", 1),
    ],
)
def test_a_store_of_another_generation_or_of_none_is_refused(
    place: DatabaseFixture, change: str, generation: int
) -> None:
    place.open().close()
    place.change(change)
    refused(place, generation)


def test_a_store_of_this_generation_is_migrated_again_and_opened(place: DatabaseFixture) -> None:
    place.open().commit(Commit(events=[new_event()]))
    again = place.open()
    again.check()
    assert positions(again.log(0, 10)) == [1]
