"""Words: titles and help texts of what modules declare, in English and Chinese, from their files `words.toml`.

[modules]     # title en, zh: of the group of its resources in a menu
shipping = ["Shipping", "发运"]
[resources]   # many en, many zh, one en, one zh
carriers = ["Carriers", "承运商", "carrier", "承运商"]
[fields]      # title en, zh, help en, zh; for one owner also only a title, with the help text of the name
"carriers.phone" = ["Phone", "电话", "The company's number.", "公司电话。"]
[commands]    # the button, and the confirmation shown afterwards; those of master data are in shared/fields/words.toml
"shipments.dispatch" = ["Dispatch", "发运", "Shipment dispatched", "已发运"]
[parameters]  # of requests, by name: title en, zh, help en, zh
limit = ["Page size", "每页行数", "The number of rows of a page.", "每页的行数。"]
[filters]     # what a filter of a list selects, by the kind of its values and its operator: en, zh
"day.gte" = ["on or after this day", "不早于该日"]
[choices]     # title en, zh
"BackorderPolicy.allow" = ["Wait for the goods", "等待补货"]
[examples]    # of requests: the whole body of one, or the value of a field in bodies without an example of their own
RegisterCarrier = {code = "SWIFT", name = "Swift Freight"}
[states]      # title en, zh, and a tone: neutral busy good warning bad done
"shipments.open" = ["Open", "待发运", "busy"]

They are published with the API description; `make lint` finds words that are missing, and words that nothing reads.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    files: Sequence[Path] = ()
    """The files they come from; a later one replaces words of those before it."""
    read: set[tuple[str, str]] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    """Section and name of the words that were returned, and of those that were not found, for `make lint`."""

    def get(self, section: str, *names: str) -> Texts | None:
        """Return the texts of the first of these names that has any, or None."""
        known = self.sections.get(section, {})
        found = next((name for name in names if name in known), None)
        if found is None:
            self.missing.add((section, names[0]))
            return None
        self.read.add((section, found))
        texts: Texts = known[found]
        return texts

    def has(self, section: str, name: str) -> bool:
        """Return whether a name has texts."""
        return name in self.sections.get(section, {})

    def example(self, *names: str) -> Any:
        """Return the example of the first of these names that has one, or None."""
        return self.get("examples", *names)

    def field(self, name: str, *owners: str) -> Texts | None:
        """Return the texts of a field: those for one of its owners (a resource, a command), else those of its name.

        A title without a help text has that of the name.
        """
        texts = self.get("fields", *(f"{owner}.{name}" for owner in owners), name)
        if texts is None or texts[2:]:
            return texts
        help_texts = (self.get("fields", name) or ())[2:]
        if not help_texts:
            self.missing.add(("fields", f"the help text of {name}"))
        return [*texts, *help_texts]


@cache
def words_for(module: str) -> Words:
    """Return the words for a Python module: those of its packages' files `words.toml` over those that all share."""
    folders = dict.fromkeys(ROOT.joinpath(*module.split(".")[:depth]) for depth in (1, 2, 3))
    files = (SHARED_WORDS, *(folder / FILE for folder in folders))
    return words_of(*(each for each in files if each.exists()))


@cache
def words_of(*files: Path) -> Words:
    """Return the words of these files; a later one replaces words of those before it."""
    merged: dict[str, dict[str, Any]] = {}
    for file in files:
        for section, words in tomllib.loads(file.read_text(encoding="utf-8")).items():
            merged[section] = {**merged.get(section, {}), **words}
    return Words(merged, files)
