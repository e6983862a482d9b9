"""`make same-answers`: record the base commit and the working tree, and show every difference in what they answer."""

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.same_answers.comparing import Difference, comparable, count_values, differences
from tests.same_answers.intended import Intended
from tests.same_answers.naming import Recording
from tests.same_answers.recording import recorded
from tests.same_answers.trees import CACHE, ROOT, commit_of, exported_tree, suite_of

BASE = Path(__file__).with_name("base")
DATA = ROOT.parent / "shared" / "data" / "northwind"
RECORDER = ("answers", "conflicts", "document", "fill", "order", "questions", "recording", "refusals", "trees")
SHOWN, LONGEST = 60, 300

Report = Callable[[str], None]


def recorder_version() -> str:
    """Return a digest of the code that makes recordings."""
    digest = hashlib.sha256()
    own = [Path(__file__).with_name(f"{name}.py") for name in RECORDER]
    for file in (*own, ROOT / "tests" / "late" / "late_events.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def recording_of(tree: Path, report: Report, data: Path | None) -> Recording:
    with suite_of(tree) as suite:
        return recorded(suite, report, data)


def base_recording(revision: str, report: Report, data: Path | None) -> Recording:
    """Return the recording of a revision, from the cache if this recorder made it today.

    The accounting periods that are offered end today, so that recordings of two days differ.
    """
    commit, filled_with = commit_of(revision), data.name if data else "demo"
    file = CACHE / commit / f"{filled_with}-{recorder_version()}-{datetime.now(UTC).date()}.json.gz"
    if not file.is_file():
        report(f"recording the base {commit[:12]}")
        write(recording_of(exported_tree(commit), report, data), file)
    return read(file)


def write(recording: Recording, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with gzip.open(draft, "wt", encoding="utf-8", compresslevel=3) as stream:
        json.dump(recording, stream)
    draft.replace(file)


def read(file: Path) -> Recording:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        found: Recording = json.load(stream)
    return found


def compare(base: Recording, now: Recording, intended: Intended, console: Console) -> bool:
    """Show the differences that are not intended and the intended ones that did not occur. Whether there is none."""
    left, right = comparable(intended.renamed(base)), comparable(now)
    found = list(intended.unexpected(differences(left, right)))
    for each in found[:SHOWN]:
        console.print(shown(each), markup=False, soft_wrap=True)
    stale = intended.stale()
    for text in stale:
        console.print(f"stale intended difference: {text}", markup=False, soft_wrap=True)
    console.print(extent(right))
    console.print(f"{len(found):,} differences, {sum(intended.used.values()):,} intended, {len(stale)} stale")
    return not found and not stale


def shown(difference: Difference) -> str:
    place = " > ".join(difference.path)
    return f"{place}\n  base: {_short(difference.base)}\n  now:  {_short(difference.now)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ... ({len(text):,} characters)"


def extent(recording: Recording) -> str:
    events = sum(map(len, recording["events"].values()))
    return (
        f"compared: {len(recording['answers']):,} answers, {len(recording['refusals']):,} refusals, "
        f"{events:,} events, {count_values(recording):,} values"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default=BASE.read_text().strip(), help="the revision to compare with")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the tree to compare (default: this one)")
    parser.add_argument("--small", action="store_true", help="only the demo's order: half a minute")
    parser.add_argument("--keep", type=Path, help="a file to write the recording of the working tree to")
    asked = parser.parse_args()
    console, began = Console(), time.monotonic()

    def report(text: str) -> None:
        console.print(f"{time.monotonic() - began:5.0f} s  {text}", highlight=False)

    data = DATA if DATA.is_dir() and not asked.small else None
    if data is None:
        report("only the demo's order, not Northwind: intended differences of other events are reported as stale")
    base = base_recording(asked.base, report, data)
    report("recording the working tree")
    now = recording_of(asked.tree.resolve(), report, data)
    if asked.keep:
        write(now, asked.keep)
    report("comparing")
    is_same = compare(base, now, Intended.read(), console)
    report("the same answers" if is_same else "other answers")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
