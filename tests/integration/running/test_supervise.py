import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cli.memory import is_running
from tests.running_suite import wait_until

TIMEOUT_SECONDS = 60.0
LEFT = r"left (\d+)"
"""The id of the process that its supervisor does not end, so that the test ends it."""


class Supervised:
    """A supervisor in a separate process, with its output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output_file = folder / "output"
        with self.output_file.open("wb") as output:
            command = [sys.executable, "-m", "tests.integration.running.supervised", str(folder)]
            self.process = subprocess.Popen(command, stdout=output)

    def output(self) -> str:
        return self.output_file.read_text()

    def pids(self) -> dict[str, int]:
        found = re.findall(r"pids (\{.*\})", self.output())
        return ast.literal_eval(found[-1]) if found else {}

    def cpu_seconds(self) -> float:
        """Return the CPU time that the supervisor has used."""
        values = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")

    def end_processes(self) -> None:
        """End the processes that a killed supervisor left: each leads its own session."""
        for pid in (*self.pids().values(), *map(int, self.output_matches(LEFT))):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def output_matches(self, pattern: str) -> list[str]:
        return re.findall(pattern, self.output())


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    running = Supervised(tmp_path)
    try:
        wait_until(lambda: {"talker", "parent", "stubborn"} <= running.pids().keys(), TIMEOUT_SECONDS, "all to run")
        wait_until(lambda: running.output_matches(LEFT), TIMEOUT_SECONDS, "the id of the process that leaves")
        yield running
    finally:
        running.process.terminate()
        running.process.wait()
        running.end_processes()


def test_a_process_that_dies_is_started_again(supervised: Supervised) -> None:
    first = supervised.pids()["talker"]
    os.kill(first, signal.SIGKILL)
    wait_until(
        lambda: len(supervised.output_matches(r"\| talker \d+")) == 2, TIMEOUT_SECONDS, "the talker to print again"
    )
    assert "talker was ended by SIGKILL; starting it again in 0.1 s" in supervised.output()
    wait_until(lambda: supervised.pids().get("talker", first) != first, TIMEOUT_SECONDS, "a new process to run")


def test_output_of_a_process_is_shown_with_its_name_and_logged(supervised: Supervised) -> None:
    (line,) = wait_until(
        lambda: supervised.output_matches(r"talker +\| (talker \d+)"), TIMEOUT_SECONDS, "the talker to print"
    )
    (logged,) = (supervised.folder / "talker.log").read_text().splitlines()
    assert json.loads(logged)["event"] == line


@pytest.mark.case("X16")
def test_output_that_a_dead_process_left_open_costs_nothing(supervised: Supervised) -> None:
    (left,) = wait_until(lambda: supervised.output_matches(r"left (\d+)"), TIMEOUT_SECONDS, "a child to leave")
    os.kill(supervised.pids()["leaver"], signal.SIGKILL)
    wait_until(lambda: len(supervised.output_matches(r"left \d+")) == 2, TIMEOUT_SECONDS, "the parent to run again")
    began, busy, turns = time.monotonic(), supervised.cpu_seconds(), len(supervised.output_matches("pids"))
    wait_until(lambda: len(supervised.output_matches("pids")) > turns + 20, TIMEOUT_SECONDS, "twenty turns")
    assert is_running(int(left))
    assert supervised.cpu_seconds() - busy < (time.monotonic() - began) / 2
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(TIMEOUT_SECONDS) == 0
    assert supervised.output().endswith("| stopped\n")


def test_the_children_of_a_process_end_with_it(supervised: Supervised) -> None:
    (child,) = wait_until(lambda: supervised.output_matches(r"child (\d+)"), TIMEOUT_SECONDS, "the child to print")
    os.kill(supervised.pids()["parent"], signal.SIGKILL)
    wait_until(lambda: not is_running(int(child)), TIMEOUT_SECONDS, "the child to end")


def test_processes_are_terminated_and_a_stubborn_one_is_killed(supervised: Supervised) -> None:
    pids = supervised.pids()
    began = time.monotonic()
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(TIMEOUT_SECONDS) == 0
    assert 1.0 <= time.monotonic() - began < TIMEOUT_SECONDS
    assert not any(is_running(pid) for pid in pids.values())
    assert supervised.output().endswith("| stopped\n")


def test_killing_the_supervisor_ends_all_processes(supervised: Supervised) -> None:
    pids = supervised.pids()
    supervised.process.kill()
    supervised.process.wait()
    wait_until(
        lambda: not is_running(pids["talker"]) and not is_running(pids["parent"]),
        TIMEOUT_SECONDS,
        "the processes to end",
    )
