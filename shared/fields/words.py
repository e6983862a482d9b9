"""Words: titles and help texts of what modules declare, in English and Chinese, from their files `words.toml`.

[resources]   # many en, many zh, one en, one zh
carriers = ["Carriers", "承运商", "carrier", "承运商"]
[fields]      # title en, zh, and where it helps: help en, zh
"carriers.phone" = ["Phone", "电话", "The company's number.", "公司电话。"]
[commands]    # the button, and the confirmation shown afterwards
"carriers.register" = ["Register carrier", "登记承运商", "Carrier registered", "承运商已登记"]
[choices] [states]
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARED_WORDS = Path(__file__).with_name("words.toml")
FILE = "words.toml"

Texts = Sequence[str]


@dataclass(frozen=True)
class Words:
    """The words of one module, and those that all modules share."""

    sections: Mapping[str, Mapping[str, Any]]

    def get(self, section: str, *names: str) -> Texts | None:
        """Return the texts of the first of these names that has any, or None."""
        known = self.sections.get(section, {})
        return next((known[name] for name in names if name in known), None)

    def field(self, name: str, *owners: str) -> Texts | None:
        """Return the texts of a field: those for one of its owners (a resource, a command), else those of its name."""
        return self.get("fields", *(f"{owner}.{name}" for owner in owners), name)


@cache
def words_for(module: str) -> Words:
    """Return the words for a Python module: those of its package's files `words.toml` over those that all share."""
    folders = [ROOT.joinpath(*module.split(".")[:depth]) for depth in (2, 3)]
    merged: dict[str, dict[str, Any]] = {}
    for file in (SHARED_WORDS, *(folder / FILE for folder in folders)):
        for section, words in _read(file).items():
            merged[section] = {**merged.get(section, {}), **words}
    return Words(merged)


@cache
def _read(file: Path) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
