"""Links, settings, commands, routes and paths in the pages exist."""

import re
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from cli.main import COMMANDS
from docs import decision_index, state_tables
from docs.generate import read_everything
from gateway.routes import PREFIX, ROUTES
from shared.config import IN_FILE, SERVICES, Settings, secret_settings
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
    known |= {f"{name}{IN_FILE}" for name in secret_settings()}
    assert named - known <= NOT_OF_A_PROCESS


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z0-9-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", text, re.MULTILINE)) <= set(targets)
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


def linked_from(page: Path) -> set[Path]:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / link).resolve() for link in links}


@pytest.mark.case("D2")
def test_the_index_of_documents_links_every_page_and_both_readmes_link_it() -> None:
    index = ROOT / "docs/README.md"
    assert {*(ROOT / "docs").glob("*.md")} - {index} - linked_from(index) == set()
    for name in ("README.md", "README.zh.md"):
        assert {index, ROOT / "CONTRIBUTING.md", ROOT / "docs/architecture.md"} <= linked_from(ROOT / name), name


@pytest.mark.case("D2")
def test_a_developer_finds_how_to_run_change_and_check() -> None:
    page = ROOT / "CONTRIBUTING.md"
    assert {ROOT / "README.md", ROOT / "docs/README.md", ROOT / "docs/how-to/README.md"} <= linked_from(page)
    assert {"make run", "make test", "make lint", "make check", "make docs"} <= set(
        re.findall(r"`(make \w+)`", page.read_text(encoding="utf-8"))
    )


@pytest.mark.case("D2")
def test_the_architecture_fits_on_one_screen() -> None:
    assert len((ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines()) <= 70


@pytest.mark.case("E3")
@pytest.mark.parametrize(
    ("name", "works", "missing"),
    [
        ("README.md", "works", ["screens", "tax", "credit notes", "currencies", "production", "HR"]),
        ("README.zh.md", "可用", ["界面", "税", "红字发票", "多币种", "生产", "人力资源"]),
    ],
)
def test_the_readme_begins_with_what_the_suite_is_and_what_it_is_not_yet(
    name: str, works: str, missing: list[str]
) -> None:
    start, _, _ = (ROOT / name).read_text(encoding="utf-8").partition("\n## ")
    states = dict(re.findall(r"^\| (.+) \| (.+) \|$", start, re.MULTILINE))
    not_yet = [area for area, state in states.items() if state.startswith(("not yet", "尚无"))]
    assert [each for each in missing if each not in " ".join(not_yet)] == []
    assert [*states.values()].count(works) == 5
    assert start.index("API") < start.index("|") < start.index("NATS")


@pytest.mark.case("E10")
@pytest.mark.parametrize(("kept", "exit_code"), [("", 2), ("exit 0", 0)])
def test_the_output_of_the_installation_is_shown_only_if_it_fails(kept: str, exit_code: int, tmp_path: Path) -> None:
    """With a Python whose pip writes a warning, then fails or succeeds."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho 'no such wheel' >&2\n{kept or 'exit 1'}\n")
    python.chmod(0o755)
    done = subprocess.run(
        ["make", ".venv/.ready", f"PYTHON={sys.executable}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "no such wheel" in done.stderr) == (exit_code, exit_code != 0)
    assert "no such wheel" in (tmp_path / ".venv/install.log").read_text()
    assert (tmp_path / ".venv/.ready").exists() == (exit_code == 0)


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


@pytest.mark.case("D1")
def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert re.findall(r"^\| \d{4} \| \[.+\]\((.+)\) \| .+ \|$", index, re.MULTILINE) == [each.name for each in pages]


@pytest.mark.case("D1")
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
