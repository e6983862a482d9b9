"""Intended differences: names that were changed, and single places that may differ, each with its reason."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from tests.same_answers import comparing
from tests.same_answers.comparing import Difference

FOLDER = Path(__file__).parent
FILES = (FOLDER / "intended.toml", FOLDER / "renames.json")
ANY_DEPTH = "**"
END = "\0"
ANY_TEXT, IN_NAME, ANY_PATH = r"\*", f"[^{END}]*", f"(?:[^{END}]*{END})*"


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
    """Whether each member of the path is that of the pattern, in which `*` stands for any characters."""
    return bool(_compiled(pattern).fullmatch(_joined(path)))


@cache
def _compiled(pattern: comparing.Path) -> re.Pattern[str]:
    parts = [
        ANY_PATH if each == ANY_DEPTH else f"{re.escape(each).replace(ANY_TEXT, IN_NAME)}{END}" for each in pattern
    ]
    return re.compile("".join(parts))


def _joined(path: comparing.Path) -> str:
    return "".join(f"{each}{END}" for each in path)


@dataclass(frozen=True)
class Move:
    """Members of objects of the base that are inside of another member now: their values are compared there."""

    at: comparing.Path
    members: tuple[tuple[str, str], ...]
    """Old and new places below the object: `dispatch/carrier`, `details/carrier`."""

    def applied(self, value: dict[str, Any]) -> dict[str, Any]:
        found = dict(value)
        for old, new in self.members:
            moved = _taken_out(found, old.split("/"))
            if moved is not comparing.MISSING:
                _put_in(found, new.split("/"), moved)
        return found

    def __str__(self) -> str:
        return f"moved members at {list(self.at)}"


def _taken_out(value: dict[str, Any], place: list[str]) -> Any:
    """Remove and return what is at a place below an object, with what is empty then."""
    name, *inner = place
    if not inner or not isinstance(value.get(name), dict):
        return value.pop(name, comparing.MISSING)
    value[name] = dict(value[name])
    found = _taken_out(value[name], inner)
    if not value[name]:
        del value[name]
    return found


def _put_in(value: dict[str, Any], place: list[str], member: Any) -> None:
    name, *inner = place
    if inner:
        value[name] = dict(value.get(name, {}))
        _put_in(value[name], inner, member)
    elif isinstance(member, dict) and isinstance(value.get(name), dict):
        value[name] = value[name] | member
    else:
        value[name] = member


@dataclass
class Intended:
    """All intended differences, and which of them occurred."""

    renames: list[Rename] = field(default_factory=list)
    places: list[Mapping[str, Any]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    used: Counter[Any] = field(default_factory=Counter)

    @classmethod
    def read(cls, files: Iterable[Path] = FILES) -> "Intended":
        """Read the files that exist."""
        documents = [_document(file) for file in files if file.is_file()]
        rules = [rule for document in documents for rule in document.get("rename", [])]
        places = [place for document in documents for rule in document.get("different", []) for place in _places(rule)]
        moved = [place for document in documents for rule in document.get("moved", []) for place in _places(rule)]
        moves = [Move(tuple(each["at"]), tuple(each["members"].items())) for each in moved]
        return cls([rename for rule in rules for rename in _renames(rule)], places, moves)

    def renamed(self, value: Any) -> Any:
        """Return a recording of the base with the names of today."""
        by_name: dict[tuple[str, str], list[Rename]] = {}
        for rename in self.renames:
            by_name.setdefault((rename.role, rename.old), []).append(rename)
        return self._renamed(value, (), by_name) if by_name or self.moves else value

    def _renamed(self, value: Any, path: comparing.Path, by_name: Mapping[tuple[str, str], list[Rename]]) -> Any:
        if isinstance(value, dict):
            renamed = {
                self._name("key", name, path, by_name): self._renamed(each, (*path, name), by_name)
                for name, each in value.items()
            }
            return self._moved(renamed, path)
        if isinstance(value, list):
            return [self._renamed(each, (*path, _element(each)), by_name) for each in value]
        return self._name("value", value, path, by_name) if isinstance(value, str) else value

    def _moved(self, value: dict[str, Any], path: comparing.Path) -> dict[str, Any]:
        for move in self.moves:
            if matches(path, move.at):
                self.used[move] += 1
                value = move.applied(value)
        return value

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
        path = _joined(found.path)
        for number, place in enumerate(self.places):
            if _compiled(tuple(place["at"])).fullmatch(path) and _has_values(place, found):
                return number
        return None

    def stale(self) -> list[str]:
        """Return the intended differences that did not occur."""
        renames = [str(each) for each in (*self.renames, *self.moves) if not self.used[each]]
        places = [
            f"{place['at']}: {place['reason']}" for number, place in enumerate(self.places) if not self.used[number]
        ]
        return renames + places


def _has_values(place: Mapping[str, Any], found: Difference) -> bool:
    """Whether a difference has the values of a place: `base` and `now`, texts that match `base_like` and `now_like`, or
    with `as_text` the same value, as a number and as a text."""
    if place.get("as_text") and str(found.base) != str(found.now):
        return False
    for side, value in (("base", found.base), ("now", found.now)):
        if place.get(side, value) != value or not re.fullmatch(
            place.get(f"{side}_like", ".*"), _text(value), re.DOTALL
        ):
            return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _places(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return one place for each path of a rule: a list in a path stands for each of its names."""
    values = {name: each for name, each in rule.items() if name not in ("at", "places")}
    for path in rule.get("places", [rule.get("at")]):
        for at in product(*([each] if isinstance(each, str) else each for each in path)):
            yield {"at": at, **values}


def _element(element: Any) -> str:
    return str(element.get("type", "*")) if isinstance(element, dict) else "*"


def _renames(rule: Mapping[str, Any]) -> Iterator[Rename]:
    for role in ("value", "key", "prefix"):
        for old, new in rule.get(role, {}).items():
            yield Rename(rule["kind"], tuple(rule["at"]), role, old, new)


def _document(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
