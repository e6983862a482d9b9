"""Index of the decision pages: number, title and first sentence of each."""

import re
from pathlib import Path

_PAGE = re.compile(r"# (?P<number>\d{4}) (?P<title>.+)\n+## Decision\n+(?P<decision>(?:.+\n)+)")
_SENTENCE = re.compile(r".+?[.](?=\s|$)")


def page(generated: str, folder: Path) -> str:
    """Return the index of the folder's decision pages, in the order of their numbers."""
    lines = [
        "# Decisions",
        generated,
        "Choices that needed an argument, by part: kernel, platform, bus, web, domain, audit.\n",
    ]
    lines += ["| number | decision | in one sentence |", "|---|---|---|"]
    lines += [_row(file) for file in sorted(folder.glob("[0-9]*.md"))]
    return "\n".join(lines) + "\n"


def _row(file: Path) -> str:
    match = _PAGE.match(file.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{file.name} does not begin with its number, its title and a section 'Decision'")
    decision = " ".join(match["decision"].split())
    sentence = _SENTENCE.match(decision)
    return f"| {match['number']} | [{match['title']}]({file.name}) | {sentence[0] if sentence else decision} |"
