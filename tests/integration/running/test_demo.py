import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from socket import socket
from urllib.parse import urlsplit

import pytest

from cli.client import Client


@pytest.mark.parametrize(("language", "ending"), [("en", "All checks passed."), ("zh", "全部检查通过。")])
def test_the_demo_prints_every_step_and_succeeds(language: str, ending: str) -> None:
    command = [sys.executable, "-m", "cli.main", "demo", "--lang", language]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.endswith(f"\n{ending}\n")
    for amount in ("684.50", "1,510.00", "1,150.00", "235.20", "360.00", "136.70", "919.70"):
        assert f"{amount} USD" in " ".join(finished.stdout.split())
    for service in ("crm", "srm", "scm", "erp"):
        assert f"─ {service} " in finished.stdout


@pytest.fixture
def kept_demo() -> "Iterator[subprocess.Popen[str]]":
    """A demo that keeps its suite, in a process group of its own, as a terminal starts it."""
    command = [sys.executable, "-u", "-m", "cli.main", "demo", "--keep"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as demo:
        try:
            yield demo
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)


@pytest.mark.case("E7")
def test_the_suite_of_a_demo_can_be_kept_to_look_at_it(kept_demo: "subprocess.Popen[str]") -> None:
    assert kept_demo.stdout
    printed: list[str] = []
    for line in kept_demo.stdout:
        printed.append(line)
        if "admin key" in line:
            break
    shown = re.search(r"address +(\S+)\s.*admin key +(\S+)", "".join(printed), re.DOTALL)
    assert shown, "".join(printed)
    assert "All checks passed.\n" in printed
    with Client(shown[1], shown[2]) as client:
        assert {row["status"] for row in client.get("erp/invoices")["data"]} == {"paid"}
    os.killpg(kept_demo.pid, signal.SIGINT)
    assert kept_demo.wait(120) == 0
    with socket() as caller, pytest.raises(ConnectionRefusedError):
        caller.connect(("127.0.0.1", urlsplit(shown[1]).port))
