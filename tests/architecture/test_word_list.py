"""The list of words to be replaced only shrinks."""

from pathlib import Path

from docs.word_list import counts, excesses


def test_listed_words_are_counted_in_names_comments_and_pages(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "one.py").write_text('def has_told(what):\n    """Nobody hears it."""\n    class SaidAnew: ...\n')
    (folder / "two.py").write_text("history, this, sayonara, nothing, retold = range(5)\n")
    (tmp_path / "README.md").write_text("What it says, beside other things.\n")
    assert counts(tmp_path) == {"README.md": 3, "shared/one.py": 5}


def test_more_words_than_listed_are_reported_by_file() -> None:
    found = excesses({"a.py": 3, "b.py": 1, "c.py": 2}, {"a.py": 3, "b.py": 2})
    assert [each.split(":")[0] for each in found] == ["c.py"]
