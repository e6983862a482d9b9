"""The words of all resources are complete, published in both languages, and each is read by something."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from docs import check_words
from shared.config import SERVICES
from shared.fields.words import words_for, words_of
from shared.openapi.rows import row_schema
from shared.projections import Projection
from shared.testing.services import open_service
from shared.testing.web import ApiCaller
from shared.web import Resource

CHINESE = re.compile("[\u4e00-\u9fff]")
TITLED = ("x-sihe-resource", "x-sihe-report", "x-sihe-command")
WORDS = """
[resources]
docks = ["Docks", "卸货口", "dock", "卸货口"]
[commands]
"docks.close" = ["Close dock", "关闭卸货口", "Dock closed", "卸货口已关闭"]
[choices]
"Side.left" = ["Left", "左侧"]
[states]
"docks.open" = ["Open", "开放", "good"]
"""


@pytest.fixture(scope="module", params=SERVICES)
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The API description of a service, once for each."""
    service_class = getattr(import_module(f"services.{request.param}.service"), request.param.capitalize())
    return ApiCaller(open_service(service_class, tmp_path_factory.mktemp(request.param))).get("/openapi.json").json


def is_in_both_languages(texts: dict[str, str]) -> bool:
    return bool(texts["en"]) and not CHINESE.search(texts["en"]) and bool(CHINESE.search(texts["zh"]))


def properties(value: Any) -> Iterator[Any]:
    """Yield everything in a document that is described by itself."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from properties(each)
    if isinstance(value, dict):
        yield value


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        yield from ((path, method, each) for method, each in item.items() if method != "parameters")


def test_every_command_has_a_button_and_a_confirmation(document: Any) -> None:
    for path, method, operation in operations(document):
        if method in ("post", "patch") and not path.endswith(("/batch", "/import")):
            command = operation["x-sihe-command"]
            assert all(is_in_both_languages(command[each]) for each in ("title", "done")), path


def test_every_resource_has_one_title_and_its_states_have_theirs(document: Any) -> None:
    titled = [each[name] for *_, each in operations(document) for name in TITLED[:2] if name in each]
    names = [each["name"] for each in titled]
    assert len(set(names)) == len(names)
    assert {each["x-sihe-command"]["of"] for *_, each in operations(document) if "x-sihe-command" in each} <= {*names}
    for each in titled:
        assert all(is_in_both_languages(each[name]) for name in ("title", "one")), each
        assert all(is_in_both_languages(state["title"]) for state in each.get("states", {"values": ()})["values"])


def test_every_choice_of_a_request_has_a_title(document: Any) -> None:
    described = [each for each in properties(document["components"]["schemas"]) if "choices" in each.get("x-sihe", {})]
    for each in described:
        assert all(is_in_both_languages(texts) for texts in each["x-sihe"]["choices"].values())
        if "enum" in each:
            assert {*each["x-sihe"]["choices"]} == {*filter(None, each["enum"])}
    assert bool(described) == any("[choices]" in file.read_text() for file in words_files(document))


def words_files(document: Any) -> Iterator[Path]:
    service = document["servers"][0]["url"].rpartition("/")[2]
    yield from (check_words.ROOT / "services" / service).rglob("words.toml")


@pytest.mark.case("D3")
def test_the_words_are_complete() -> None:
    """In a process of its own: services of other tests have no words."""
    command = [sys.executable, "-m", "docs.check_words"]
    done = subprocess.run(command, cwd=check_words.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize(
    ("section", "name", "texts"),
    [
        ("resources", "docks", '["Docks", "卸货口"]'),
        ("commands", "docks.close", '["Close dock", "Close dock", "Dock closed", "卸货口已关闭"]'),
        ("choices", "Side.left", '["Left", ""]'),
        ("states", "docks.open", '["Open", "开放"]'),
        ("states", "docks.open", '["Open", "开放", "purple"]'),
        ("fields", "side", '["Side", "侧", "The side."]'),
        ("titles", "docks", '["Docks", "卸货口"]'),
    ],
)
def test_a_word_without_both_languages_is_reported(section: str, name: str, texts: str, tmp_path: Path) -> None:
    file = tmp_path / "services" / "scm" / "docks" / "words.toml"
    file.parent.mkdir(parents=True)
    file.write_text(WORDS, encoding="utf-8")
    assert list(check_words.malformed(tmp_path)) == []
    file.write_text(f'[{section}]\n"{name}" = {texts}\n', encoding="utf-8")
    (line,) = check_words.malformed(tmp_path)
    assert f"[{section}] {name} must be" in line


def test_a_word_that_is_needed_or_that_nothing_reads_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text(WORDS, encoding="utf-8")
    words = words_of(file)
    for section, name in (("resources", "docks"), ("commands", "docks.open"), ("choices", "Side.left")):
        words.get(section, name)
    words.field("depth", "DockEntry")
    needed = [each.partition(": ")[2] for each in check_words.missing([words], "commands", "fields")]
    assert needed == ["[commands] docks.open is missing", "[fields] DockEntry.depth is missing"]
    assert list(check_words.missing([words], "states")) == []
    assert [each.partition(": ")[2] for each in check_words.unread([words])] == [
        "[commands] docks.close is read by nothing",
        "[states] docks.open is read by nothing",
    ]


class Docks(Projection):
    """Docks and when they were last used: a list of a module without words."""

    columns = {"side": str, "name": str}
    extra_fields = {"used": [{"used_on": date}]}


class Moorings(Projection):
    """What a statement is computed from; no row is shown."""

    columns = {"depth": int}


@pytest.mark.case("D3")
def test_every_column_of_a_list_needs_a_title() -> None:
    docks, moorings = Resource("docks", Docks), Resource("moorings", Moorings)
    docks.add_list("", Docks)
    assert (check_words.listed(docks), check_words.listed(moorings)) == ({Docks}, set())
    row_schema(Docks)
    untitled = [each.partition("[fields] ")[2] for each in check_words.missing([words_for(__name__)], "fields")]
    of_docks = [each for each in untitled if each.startswith("Docks.")]
    assert of_docks == ["Docks.side is missing", "Docks.used is missing", "Docks.used_on is missing"]


@pytest.mark.case("D3")
def test_the_rows_of_every_list_have_titles_in_both_languages(document: Any) -> None:
    """An invoice's due date, the reason of a refused amendment, the kind of a journal line."""
    schemas = document["components"]["schemas"]
    rows = {name: each for name, each in schemas.items() if "allowed_commands" in each.get("properties", {})}
    assert rows
    for name, row in rows.items():
        shown = {each: schema for each, schema in row["properties"].items() if each not in ("id", "allowed_commands")}
        assert [each for each, schema in shown.items() if not schema.get("title")] == [], name
        assert all(CHINESE.search(each["x-sihe"]["title"]["zh"]) for each in shown.values()), name
