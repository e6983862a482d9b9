"""Links, settings, commands, routes and paths in the pages exist."""

import re
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from cli.main import COMMANDS
from docs import decision_index, state_tables
from docs.generate import read_everything
from gateway.routes import PREFIX, ROUTES
from shared.config import SERVICES, Settings
from shared.domain import TYPES_BY_NAME, Aggregate, StateTable
from tests.architecture.how_to import ROOT

NO_PAGES = {".venv", ".same-answers", "var"}
PAGES = sorted(each for each in ROOT.rglob("*.md") if not NO_PAGES & set(each.relative_to(ROOT).parts))
NOT_OF_A_PROCESS = {"SIHE_PORT"}


def by_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_link_has_an_existing_target(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"SIHE_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8")))
    known = {f"SIHE_{field.name.upper()}" for field in Settings.__attrs_attrs__}  # type: ignore[attr-defined]
    assert named - known <= NOT_OF_A_PROCESS


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= set(targets)
    assert set(re.findall(r"(?:^|`|/)sihe ([a-z]+)", text, re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_every_route_that_is_named_is_public(name: str) -> None:
    named = re.findall(r"`(GET|POST|PATCH) " + PREFIX + r"/([^`?]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert {f"{method} {path}" for method, path in named} <= set(ROUTES)


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = (commands(ROOT / name) for name in ("README.md", "README.zh.md"))
    assert english == chinese


def commands(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_decisions_are_numbered_without_gaps_and_have_four_sections_in_forty_lines() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        lines = page.read_text(encoding="utf-8").splitlines()
        sections = [line for line in lines if line.startswith("## ")]
        assert sections == ["## Decision", "## Why", "## Considered and rejected", "## Consequences"], page.name
        assert len(lines) <= 40, page.name
        assert lines[0].startswith(f"# {page.name[:4]} "), page.name


def test_paths_named_in_decisions_exist() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    named = re.compile(r"`((?:cli|docs|gateway|services|shared|tests)/[\w./-]+)`")
    paths = [(page.name, path) for page in pages for path in named.findall(page.read_text(encoding="utf-8"))]
    assert paths
    assert [(page, path) for page, path in paths if not (ROOT / path).exists()] == []


def test_the_index_of_decisions_has_number_title_and_first_sentence(tmp_path: Path) -> None:
    text = "# 0007 Keep prices\n\n## Decision\n\nPrices of v1.2\nnever change. Costs may.\n\n## Why\n\nOrders.\n"
    (tmp_path / "0007-keep-prices.md").write_text(text, encoding="utf-8")
    last_line = decision_index.page("", tmp_path).splitlines()[-1]
    assert last_line == "| 0007 | [Keep prices](0007-keep-prices.md) | Prices of v1.2 never change. |"


def test_a_decision_without_its_section_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001-no-section.md").write_text("# 0001 No section\n\nText.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"0001-no-section\.md"):
        decision_index.page("", tmp_path)


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


SIGNAL = StateTable(tuple(Light), {"drive_on": frozenset({Light.GREEN})})
TABLE = """<!-- states: Signal -->
| status | drive on |
|---|---|
| red (end) | – |
| green | allowed |

(end): no command is allowed any more; an event may still change the status.
<!-- /states -->
"""


def test_the_state_table_of_an_aggregate_is_written_between_its_marks() -> None:
    page = (
        "# Road\n\n<!-- states: Signal -->\nold\n<!-- /states -->\n\nText.\n<!-- states: Toll -->\n<!-- /states -->\n"
    )
    written = state_tables.with_table(page, "Signal", SIGNAL)
    assert written == f"# Road\n\n{TABLE}\nText.\n<!-- states: Toll -->\n<!-- /states -->\n"
    assert state_tables.with_table(written, "Signal", SIGNAL) == written


def test_a_state_table_without_marks_is_added_at_the_end_of_the_page() -> None:
    written = state_tables.with_table("# Road\n", "Signal", SIGNAL)
    assert written == f"# Road\n\n{TABLE}"
    assert state_tables.with_table(written, "Signal", SIGNAL) == written


def aggregates() -> list[type[Aggregate]]:
    read_everything()
    return [
        kind for name, kind in TYPES_BY_NAME.items() if issubclass(kind, Aggregate) and name.split(".")[0] in SERVICES
    ]


@pytest.mark.parametrize("kind", aggregates(), ids=lambda kind: kind.NAME)
def test_the_page_of_a_module_describes_every_aggregate_and_every_status(kind: type[Aggregate]) -> None:
    page = ROOT.joinpath(*kind.__module__.split(".")[:3], "README.md").read_text(encoding="utf-8")
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()
    statuses = getattr(sys.modules[kind.__module__], "Status", ())
    assert words in page.lower()
    assert [each.value for each in statuses if not re.search(rf"\b{each.value}\b", page)] == []
