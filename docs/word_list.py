"""Words that plain English and the field's own terms replace (language rules), counted file by file.

`word-list.json` holds how often each file may still use one. `python docs/word_list.py` fails where a file has more of
them, and where it has fewer than listed; with --write it lowers the numbers. They never rise.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMITS = ROOT / "docs" / "word-list.json"
WORDS = (
    "anew", "beside", "hear", "heard", "hears", "him", "his", "nobody", "said", "say", "saying", "says", "somebody",
    "tell", "telling", "tells", "thing", "things", "told", "whoever",
)  # fmt: skip
PATTERN = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
FOLDERS = ("cli", "docs", "gateway", "services", "shared", "tests")
EXCEPTIONS = {
    "docs/terms.md": "maps the former words to those of today",
    "docs/word_list.py": "lists the words",
    "shared/testing/postgres.py": "names the Unix account of that name",
}


def counts(root: Path) -> dict[str, int]:
    """Return how many listed words each Python file and each page has; files without any are left out."""
    files = [*root.glob("*.md"), *(each for folder in FOLDERS for each in (root / folder).rglob("*"))]
    names = {each.relative_to(root).as_posix(): each for each in files if each.suffix in (".py", ".md")}
    found = Counter({name: _count(file) for name, file in names.items() if name not in EXCEPTIONS})
    return dict(sorted((+found).items()))


def _count(file: Path) -> int:
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", file.read_text(encoding="utf-8"))
    return len(PATTERN.findall(text))


def excesses(now: Mapping[str, int], limits: Mapping[str, int]) -> list[str]:
    """Return a line for each file that has more listed words than it may."""
    return [
        f"{name}: {number} words of docs/word_list.py, {limits.get(name, 0)} are allowed: use plain terms"
        for name, number in now.items()
        if number > limits.get(name, 0)
    ]


def main(arguments: list[str]) -> int:
    """Check the limits, or lower them. Return 1 if a file has too many, or its limit can be lowered."""
    now = counts(ROOT)
    limits = json.loads(LIMITS.read_text(encoding="utf-8")) if LIMITS.exists() else now
    if "--write" in arguments:
        lower = {name: min(number, limits[name]) for name, number in now.items() if name in limits}
        LIMITS.write_text(json.dumps(lower, indent=1) + "\n", encoding="utf-8")
        return 0
    found = excesses(now, limits)
    if not found and now != limits:
        found = ["docs/word-list.json allows more words than there are: run `make docs`"]
    print(f"words to be replaced: {sum(now.values()):,} in {len(now)} files", *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
