"""Every how-to leads where it says, followed word for word on a copy of the house."""

import shutil
from pathlib import Path

import pytest

from tests.architecture.how_to import ROOT, apply_page, copy_source_tree, files_of, run_commands

PAGES = sorted(each for each in (ROOT / "docs/how-to").glob("*.md") if each.name != "README.md")
TYPES_KNOWN = ".mypy_cache"
CHECKS = """
.venv/bin/ruff check --no-cache --quiet .
.venv/bin/ruff format --no-cache --quiet --check .
.venv/bin/lint-imports --no-logo --config docs/import-rules.toml
.venv/bin/mypy
"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_whoever_follows_a_page_ends_well(page: Path, tmp_path: Path) -> None:
    apply_page(page, copy_source_tree(tmp_path))


@pytest.mark.parametrize(("name", "at_most"), [("add-a-field", 5), ("add-a-reaction", 2)])
def test_what_is_wanted_most_often_takes_few_files(name: str, at_most: int) -> None:
    assert len(files_of(ROOT / f"docs/how-to/{name}.md")) <= at_most


def test_all_pages_together_are_in_the_style_of_the_house(tmp_path: Path) -> None:
    house = copy_source_tree(tmp_path)
    if (ROOT / TYPES_KNOWN).is_dir():
        shutil.copytree(ROOT / TYPES_KNOWN, house / TYPES_KNOWN)
    for page in PAGES:
        apply_page(page, house, typing=False)
    run_commands(CHECKS, house)
