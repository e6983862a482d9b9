"""Intended differences: names that were changed, and single places that may differ, each with its reason."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.same_answers import comparing
from tests.same_answers.comparing import Difference

FOLDER = Path(__file__).parent
FILES = (FOLDER / "intended.toml", FOLDER / "renames.json")
ANY_DEPTH = "**"


@dataclass(frozen=True)
class Rename:
    """One changed name: a value or a key of the base that has another name now."""

    kind: str
    at: comparing.Path
    """Patterns of a path's members; `**` stands for any number of them."""
    role: str
    """`value`, `key`, or `prefix` for the beginning of a value."""
    old: str
    new: str

    def applies(self, path: comparing.Path) -> bool:
        return matches(path, self.at)

    def __str__(self) -> str:
        return f"{self.kind}: {self.old} -> {self.new} at {list(self.at)}"


def matches(path: comparing.Path, pattern: comparing.Path) -> bool:
    """Whether each member of the path is its pattern or matches it."""
    if not pattern:
        return not path
    first, *rest = pattern
    if first == ANY_DEPTH:
        return any(matches(path[skipped:], tuple(rest)) for skipped in range(len(path) + 1))
    return bool(path) and (path[0] == first or fnmatchcase(path[0], first)) and matches(path[1:], tuple(rest))


@dataclass
class Intended:
    """All intended differences, and which of them occurred."""

    renames: list[Rename] = field(default_factory=list)
    places: list[Mapping[str, Any]] = field(default_factory=list)
    used: Counter[Any] = field(default_factory=Counter)

    @classmethod
    def read(cls, files: Iterable[Path] = FILES) -> "Intended":
        """Read the files that exist."""
        documents = [_document(file) for file in files if file.is_file()]
        rules = [rule for document in documents for rule in document.get("rename", [])]
        places = [place for document in documents for place in document.get("different", [])]
        return cls([rename for rule in rules for rename in _renames(rule)], places)

    def renamed(self, value: Any) -> Any:
        """Return a recording of the base with the names of today."""
        by_name: dict[tuple[str, str], list[Rename]] = {}
        for rename in self.renames:
            by_name.setdefault((rename.role, rename.old), []).append(rename)
        return self._renamed(value, (), by_name) if by_name else value

    def _renamed(self, value: Any, path: comparing.Path, by_name: Mapping[tuple[str, str], list[Rename]]) -> Any:
        if isinstance(value, dict):
            return {
                self._name("key", name, path, by_name): self._renamed(each, (*path, name), by_name)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._renamed(each, (*path, _element(each)), by_name) for each in value]
        return self._name("value", value, path, by_name) if isinstance(value, str) else value

    def _name(self, role: str, name: str, path: comparing.Path, by_name: Mapping[tuple[str, str], list[Rename]]) -> str:
        for rename in by_name.get((role, name), ()):
            if rename.applies(path):
                self.used[rename] += 1
                return rename.new
        return self._with_prefix(name, path, by_name) if role == "value" and ":" in name else name

    def _with_prefix(self, value: str, path: comparing.Path, by_name: Mapping[tuple[str, str], list[Rename]]) -> str:
        prefix, _, rest = value.partition(":")
        return f"{self._name('prefix', f'{prefix}:', path, by_name)}{rest}"

    def unexpected(self, found: Iterable[Difference]) -> Iterator[Difference]:
        """Return the differences that are not intended."""
        for difference in found:
            place = self._place_of(difference)
            if place is None:
                yield difference
            else:
                self.used[place] += 1

    def _place_of(self, found: Difference) -> int | None:
        for number, place in enumerate(self.places):
            same_values = place.get("base", found.base) == found.base and place.get("now", found.now) == found.now
            if same_values and matches(found.path, tuple(place["at"])):
                return number
        return None

    def stale(self) -> list[str]:
        """Return the intended differences that did not occur."""
        renames = [str(each) for each in self.renames if not self.used[each]]
        places = [
            f"{place['at']}: {place['reason']}" for number, place in enumerate(self.places) if not self.used[number]
        ]
        return renames + places


def _element(element: Any) -> str:
    return str(element.get("type", "*")) if isinstance(element, dict) else "*"


def _renames(rule: Mapping[str, Any]) -> Iterator[Rename]:
    for role in ("value", "key", "prefix"):
        for old, new in rule.get(role, {}).items():
            yield Rename(rule["kind"], tuple(rule["at"]), role, old, new)


def _document(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
