"""`make fuzz`: start a suite with a small firm and run schemathesis on it with every role."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.access.roles import OWN_PERMISSIONS, ROLES, Role
from gateway.routes import PREFIX, ROUTES
from tests.fuzz.firm import assign_customers, create_firm
from tests.running_suite import ADMIN_KEY, RunningSuite

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MIN_ACCEPTED_SHARE = 0.6
MAX_RESPONSE_SECONDS = 30
"""As long as the gateway waits for a service: a batch of a thousand invoices takes longer than usual answers."""

Counts = Counter[tuple[str, str, int]]


@dataclass(frozen=True)
class RoleRun:
    """The run of one role: responses by operation, kind and status, and the failures that schemathesis found."""

    role: str
    counts: Counts
    failed: bool
    output: str

    @property
    def requests(self) -> int:
        return sum(self.counts.values())

    def by_class(self) -> Counter[str]:
        classes: Counter[str] = Counter()
        for (_, _, status), count in self.counts.items():
            classes[f"{status // 100}xx"] += count
        return classes

    @property
    def accepted(self) -> float:
        """Return the share of valid requests to operations allowed for the role that were answered with 2xx."""
        valid = {
            key: count for key, count in self.counts.items() if key[1] == "valid" and is_allowed(self.role, key[0])
        }
        good = sum(count for (_, _, status), count in valid.items() if status < 300)
        return good / (sum(valid.values()) or 1)


def is_allowed(role: str, operation: str) -> bool:
    """Return whether the role may use this operation (`GET /api/v1/…`); pages are open to all roles.

    A key is accepted and rotated by its own person only: these operations are open to no role.
    """
    if operation.endswith(OF_ONES_OWN_KEY):
        return False
    method, _, path = operation.partition(" ")
    route = ALLOWED_ROLES.get((method, shape(path)))
    return route is None or role in route


def shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


ALLOWED_ROLES = {(route.method, shape(f"{PREFIX}/{route.path}")): route.roles for route in ROUTES.values()}


OF_ONES_OWN_KEY = ("/access/keys/{key_id}/accept", "/access/keys/{key_id}/rotate")
SETTINGS = {"wrong_keys": "1000000"}
"""Of the suite: each operation is also requested with wrong keys, which must all get their own answer."""


def run_schemathesis(suite: RunningSuite, role: str, folder: Path, *options: str, strict: bool = False) -> RoleRun:
    """Run schemathesis on the merged document with a key of this role; `strict` refuses undocumented fields."""
    counts = folder / f"{role}.json"
    with suite.client as admin:
        asked = {"name": f"fuzzing as {role} {uuid4()}", "roles": [role]}
        key = admin.post("/access/keys", json=asked).raise_for_status().json()["secret"]
    if role in OWN_PERMISSIONS:
        assign_customers(suite, str(asked["name"]))
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml"), "run",
        f"{suite.url}/openapi.json", "--header", f"Authorization: Bearer {key}", "--checks", "all",
        "--continue-on-failure", "--no-color", "--output-truncate", "true", "--generation-database", "none",
        "--request-timeout", str(2 * MAX_RESPONSE_SECONDS), "--max-response-time", str(MAX_RESPONSE_SECONDS), *options,
    ]  # fmt: skip
    variables = {
        **os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT), "SIHE_FUZZ_URL": suite.url,
        "SIHE_FUZZ_ADMIN": ADMIN_KEY, "SIHE_FUZZ_KEY": key, "SIHE_FUZZ_COUNTS": str(counts),
        "SIHE_FUZZ_STRICT": "1" if strict else "", "NO_PROXY": "*",
    }  # fmt: skip
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True)
    counted = json.loads(counts.read_text()) if counts.exists() else []
    return RoleRun(role, Counter({(name, kind, status): count for name, kind, status, count in counted}),
               done.returncode != 0, done.stdout + done.stderr)  # fmt: skip


def table(runs: list[RoleRun]) -> str:
    """Return a table of requests and responses, one line per role."""
    lines = [f"{'role':<12}{'requests':>9}{'2xx':>8}{'4xx':>8}{'5xx':>6}{'valid accepted':>16}  checks"]
    for run in runs:
        classes = run.by_class()
        numbers = "".join(f"{classes[name]:>{width}}" for name, width in (("2xx", 8), ("4xx", 8), ("5xx", 6)))
        lines.append(f"{run.role:<12}{run.requests:>9}{numbers}{run.accepted:>15.0%}   {verdict(run)}")
    total = sum(run.requests for run in runs)
    return "\n".join([*lines, f"{'all':<12}{total:>9}"])


def refusals(run: RoleRun) -> str:
    """Return the operations that refused valid requests, the most frequent first."""
    counts = Counter({key: count for key, count in run.counts.items() if key[1] == "valid" and key[2] >= 300})
    return "\n".join(f"{count:>6} {status} {operation}" for (operation, _, status), count in counts.most_common())


def verdict(run: RoleRun) -> str:
    return "FAILED" if run.failed else "clean"


def _save(run: RoleRun, folder: Path | None) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{run.role}.txt").write_text(f"{run.output}\n{refusals(run)}\n")
    elif run.failed:
        print(run.output[-20_000:])


def main(arguments: list[str]) -> int:
    asked: Any = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--roles", default=",".join(ROLES))
    asked.add_argument("--examples", default="6", help="at most so many cases an operation and phase")
    asked.add_argument("--phases", default="examples,fuzzing")
    asked.add_argument("--thorough", default=Role.ADMIN, help="the roles that also ask every boundary of every value")
    asked.add_argument("--seed", default="1")
    asked.add_argument("--paths", help="only operations whose path matches this regular expression")
    asked.add_argument("--output", type=Path, help="a folder for the output of schemathesis, one file per role")
    given = asked.parse_args(arguments)
    only = ["--include-path-regex", given.paths] if given.paths else []
    options = ["--max-examples", given.examples, "--seed", given.seed, *only]
    with (
        tempfile.TemporaryDirectory(prefix="sihe-fuzz-") as folder,
        RunningSuite(Path(folder) / "home", **SETTINGS) as suite,
    ):
        create_firm(suite)
        runs = []
        for role in given.roles.split(","):
            phases = f"{given.phases},coverage,stateful" if role in given.thorough.split(",") else given.phases
            runs.append(run_schemathesis(suite, role, Path(folder), *options, "--phases", phases, strict=True))
            print(table(runs[-1:]), flush=True)
            _save(runs[-1], given.output)
    print(table(runs))
    return int(any(run.failed or run.accepted < MIN_ACCEPTED_SHARE for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
