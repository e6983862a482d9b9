"""Compare two recordings: every value at every place."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.same_answers.naming import Names, Recording, named
from tests.same_answers.order import leaves

MISSING = "<missing>"
ORDER = "order of elements"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A place where two recordings differ."""

    path: Path
    base: Any
    now: Any


def comparable(recording: Recording) -> Recording:
    """Return the recording with names for what is random, and with rows sorted where random ids order them."""
    found: Recording = named(recording, Names(recording))
    del found["today"]
    found["events"] = {log: in_own_order(events) for log, events in found["events"].items()}
    for answer in found["answers"].values():
        body = answer["body"]
        if isinstance(body, list):
            answer["body"] = in_own_order(body)
        elif isinstance(body, dict) and isinstance(body.get("data"), list):
            body["data"] = in_own_order(body["data"])
    return found


def in_own_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def count_values(recording: Recording) -> int:
    return sum(1 for _ in leaves(recording))


def differences(base: Any, now: Any, path: Path = ()) -> Iterator[Difference]:
    """Return the places where two JSON documents differ."""
    if isinstance(base, dict) and isinstance(now, dict):
        for name in [*base, *(each for each in now if each not in base)]:
            yield from differences(base.get(name, MISSING), now.get(name, MISSING), (*path, name))
    elif isinstance(base, list) and isinstance(now, list):
        yield from _differences_of_lists(base, now, path)
    elif base != now or isinstance(base, bool) != isinstance(now, bool):
        yield Difference(path, base, now)


def _differences_of_lists(base: list[Any], now: list[Any], path: Path) -> Iterator[Difference]:
    """Compare the elements that only one of them has, in pairs; then the order of those that both have."""
    if base == now:
        return
    only_base, only_now = _only_first(base, now), _only_first(now, base)
    if not only_base and not only_now:
        yield Difference((*path, ORDER), base, now)
    for left, right in zip_longest(only_base, only_now, fillvalue=MISSING):
        yield from differences(left, right, (*path, _label(left if left != MISSING else right)))


def _only_first(first: list[Any], second: list[Any]) -> list[Any]:
    """Return the elements of the first that the second does not have, or has less often."""
    left = Counter(map(_text, second))
    found = []
    for each in first:
        text = _text(each)
        left[text] -= 1
        if left[text] < 0:
            found.append(each)
    return found


def _label(element: Any) -> str:
    """Return what identifies an element: its type if it is an event, its id, or nothing."""
    if isinstance(element, dict):
        return str(element.get("type") or element.get("id") or "*")
    return "*"
