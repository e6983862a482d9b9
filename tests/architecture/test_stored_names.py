"""The page of stored names lists every stored name, and fails for source code that it cannot read."""

import ast
from collections.abc import Iterator
from uuid import uuid4

import pytest

from docs.generate import PAGES, read_everything
from docs.stored_names import stored_values
from docs.stored_words import Source, UnresolvedName, Word, dict_keys, file_names, tables, words
from shared.domain import TYPES_BY_NAME, Aggregate, event, value_object


def a_source(text: str, module: str = "services.crm.customers.domain.customer") -> Source:
    return Source("services/crm/scratch.py", module, ast.parse(text))


@pytest.fixture
def planted() -> Iterator[str]:
    """Register a new aggregate of CRM and remove it afterwards."""
    read_everything()
    before = dict(TYPES_BY_NAME)
    name = f"Planted{uuid4().hex}"

    @value_object
    class Leaf:
        colour: str

    class PlantedTree(Aggregate):
        @event("Sprouted")
        def __init__(self, leaf: Leaf, height_cm: int = 7) -> None:
            self.leaf = leaf
            self.height_cm = height_cm

    added = {topic: kind for topic, kind in TYPES_BY_NAME.items() if topic not in before}
    for topic, kind in added.items():
        del TYPES_BY_NAME[topic]
        TYPES_BY_NAME[topic.replace(PlantedTree.NAME, f"crm.{name}")] = kind
    yield name
    TYPES_BY_NAME.clear()
    TYPES_BY_NAME.update(before)


def test_a_new_event_appears_with_its_fields_and_values(planted: str) -> None:
    page = PAGES["stored-names"]()
    assert f"### crm.{planted}\n" in page
    assert "| `Sprouted` | 1 | `leaf`: Leaf, `height_cm`: int = 7 |" in page
    assert "Leaf" in {kind.__name__ for kind in stored_values()}


def test_the_words_of_calls_are_found_as_literals_and_as_constants() -> None:
    source = a_source(
        "def add(uow):\n"
        '    uow.reserve_unique(CUSTOMER_CODE, "A", id)\n'
        '    uow.next_number("trees")\n'
        '    derived_id("tree", 1)\n'
    )
    assert list(words(source)) == [
        Word("unique value", "customer.code", source.file),
        Word("number series", "trees", source.file),
        Word("derived id", "tree", source.file),
    ]


def test_a_word_that_is_no_constant_is_an_error() -> None:
    with pytest.raises(UnresolvedName, match=r"services/crm/scratch\.py:2: word is no constant"):
        list(words(a_source("def add(uow, word):\n    uow.next_number(word)\n")))


def test_a_function_that_passes_on_its_argument_names_no_word() -> None:
    assert list(words(a_source("def number(self, series):\n    return self._work.number(series)\n"))) == []


def test_the_columns_of_a_table_are_those_of_its_statement() -> None:
    statement = "CREATE TABLE IF NOT EXISTS trees (\n  id BLOB, age INTEGER, PRIMARY KEY (id, age)) WITHOUT ROWID;"
    assert list(tables(a_source(f'TABLE = """{statement}"""'))) == [("trees", ["id", "age"])]


def test_files_are_the_names_appended_to_a_folder() -> None:
    paths = 'a = home / "tree.db"\nb = home / "{}.seed".format(x)\n'
    source = a_source(paths + 'c = _file("help", "keys", "{}.nk")\nd = _database("log", "help")\ne = 1 / 2')
    assert sorted(file_names(source)) == ["keys/{}.nk", "log.db", "tree.db", "{}.seed"]


def test_the_keys_of_a_line_are_those_its_function_writes() -> None:
    source = a_source('def line(x):\n    row = {"id": x}\n    row["age"] = 7\n    return row["id"], row\n')
    assert list(dict_keys(source, "line")) == [("line", ["id", "age"])]
