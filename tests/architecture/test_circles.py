"""Import circles: files of shared code never import each other, at any depth of a file or for their types alone."""

from pathlib import Path

import grimp
import pytest

PLANTED = {
    "__init__.py": "",
    "first.py": "def load():\n    from planted import second\n",
    "second.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from planted.third import Third\n",
    "third.py": "import planted.first\n\nclass Third: ...\n",
    "outside.py": "import planted.first\n",
}


def circles(package: str) -> list[list[str]]:
    """Return the groups of files in which each file imports all others of its group, directly or by way of others."""
    graph = grimp.build_graph(package, cache_dir=None)
    groups = {
        tuple(sorted({file, *(graph.find_upstream_modules(file) & graph.find_downstream_modules(file))}))
        for file in graph.modules
    }
    return sorted(list(group) for group in groups if len(group) > 1)


def test_no_files_of_shared_code_import_each_other() -> None:
    found = circles("shared")
    assert found == [], f"files that import each other: {found}; move what both need to a file of its own"


def test_a_circle_over_nested_imports_and_types_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted").mkdir()
    for name, text in PLANTED.items():
        (tmp_path / "planted" / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert circles("planted") == [["planted.first", "planted.second", "planted.third"]]
