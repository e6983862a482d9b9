"""Follows a how-to page block by block in a copy of the code."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IGNORED_FOLDERS = shutil.ignore_patterns(
    ".git", ".venv", ".same-answers", "var", "__pycache__", ".*_cache", "*.egg-info"
)

_BLOCK = re.compile(r"^```(diff|python|markdown|toml|sh)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"(?:\+\+\+|#) (\S+)\n")


def copy_source_tree(folder: Path) -> Path:
    """Return a copy of the code without generated files."""
    return Path(shutil.copytree(ROOT, folder / "copy", ignore=IGNORED_FOLDERS))


def apply_page(page: Path, source_tree: Path, run: bool = True) -> None:
    """Make every change of the page and run every command, in order; without `run` only the changes."""
    for kind, content in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind != "sh":
            write_block(kind, content, source_tree)
        elif run:
            run_commands(content, source_tree)


def files_of(page: Path) -> set[str]:
    """Return the files that the page changes or adds."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return {named[1] for kind, content in blocks if kind != "sh" and (named := _FILE.match(content))}


def write_block(kind: str, content: str, source_tree: Path) -> None:
    """Write a new file, or change an existing one."""
    named = _FILE.match(content)
    assert named, f"a block does not name its file: {content[:60]!r}"
    file, rest = source_tree / named[1], content[named.end() :]
    if kind == "diff":
        rest = apply_diff(file.read_text(encoding="utf-8"), rest, named[1])
    else:
        assert not file.exists(), f"{named[1]} exists already"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rest, encoding="utf-8")


def apply_diff(text: str, difference: str, name: str) -> str:
    """Return the text with every change made; the text that a change replaces must be there exactly once."""
    for before, after in _changes(difference):
        assert text.count(before) == 1, f"{text.count(before)} times in {name}:\n{before}"
        text = text.replace(before, after)
    return text


def _changes(difference: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^@@\n", difference, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        yield (
            "".join(line[1:] or line for line in lines if line[0] != "+"),
            "".join(line[1:] or line for line in lines if line[0] != "-"),
        )


def run_commands(commands: str, source_tree: Path) -> None:
    """Run the commands of a page in the environment of the tests."""
    environment = shlex.quote(sys.prefix)
    typed = commands.replace(".venv/bin/", f"{environment}/bin/")
    typed = re.sub(r"^make ", f"make VENV={environment} -o {environment}/.ready ", typed, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed],
        cwd=source_tree,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
