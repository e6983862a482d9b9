"""Every how-to page works: it is followed word for word in a copy of the code."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.how_to import ROOT, apply_page, copy_source_tree, files_of, run_commands

PAGES = sorted(each for each in (ROOT / "docs/how-to").glob("*.md") if each.name != "README.md")
TYPE_CACHE = ".mypy_cache"
CHECKS = """
.venv/bin/python -m docs.generate
.venv/bin/ruff check --no-cache --quiet .
.venv/bin/ruff format --no-cache --quiet --check .
.venv/bin/lint-imports --no-logo --config docs/import-rules.toml
.venv/bin/python -m docs.check_words
.venv/bin/mypy
"""
GENERATED = (
    "docs/flows.md", "docs/import-rules.toml", "docs/stored-names.md", "docs/surface.md",
    "gateway/surface.json", "services/crm/README.md",
    "tests/contracts/samples/",
)  # fmt: skip
"""Files that `make docs` changes for a new module."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_reader_who_follows_a_page_succeeds(page: Path, tmp_path: Path) -> None:
    apply_page(page, copy_source_tree(tmp_path))


@pytest.mark.parametrize(("name", "at_most"), [("add-a-field", 4), ("add-a-reaction", 2)])
def test_a_frequent_change_takes_few_files(name: str, at_most: int) -> None:
    assert len(files_of(ROOT / f"docs/how-to/{name}.md")) <= at_most


def test_master_data_is_declared_in_few_lines() -> None:
    page = (ROOT / "docs/how-to/add-master-data.md").read_text(encoding="utf-8")
    declared = page.partition("```python\n")[2].partition("```")[0]
    lines = [each for each in declared.splitlines() if each.strip() and not each.startswith("#")]
    assert len(lines) <= 15


def test_a_new_module_is_written_in_its_folder_its_tests_and_one_line(tmp_path: Path) -> None:
    page, copy = ROOT / "docs/how-to/add-a-module.md", copy_source_tree(tmp_path)
    for command in (["init", "--quiet"], ["add", "--all"]):
        git(copy, *command)
    apply_page(page, copy)
    added = {each for each in files_of(page) if each != "services/crm/service.py"}
    assert all(each.startswith(("services/crm/leads/", "tests/unit/crm/leads/")) for each in added)
    assert git(copy, "diff", "--numstat", "services/crm/service.py").split()[:2] == ["1", "0"]
    changed = {
        *git(copy, "diff", "--name-only").split(),
        *git(copy, "ls-files", "--others", "--exclude-standard").split(),
    }
    others = changed - files_of(page)
    assert [each for each in sorted(others) if not each.startswith(GENERATED)] == []


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.excludesFile=/dev/null", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_all_pages_together_follow_the_style_of_the_code(tmp_path: Path) -> None:
    copy = copy_source_tree(tmp_path)
    if (ROOT / TYPE_CACHE).is_dir():
        shutil.copytree(ROOT / TYPE_CACHE, copy / TYPE_CACHE)
    for page in PAGES:
        apply_page(page, copy, run=False)
    run_commands(CHECKS, copy)
