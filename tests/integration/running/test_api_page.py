"""The commands of docs/api.md, run on a running suite, print what the page states."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_suite import ADMIN_KEY, RunningSuite

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/api.md"


def commands() -> str:
    """Return the commands of the page as a reader copies them."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return "\n".join(blocks).replace(".venv/bin/python", sys.executable)


@pytest.mark.case("F12")
@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands are written with curl")
def test_the_commands_of_the_page_print_what_it_states(fresh_suite: RunningSuite) -> None:
    variables = {"SIHE_PORT": str(fresh_suite.running["port"]), "SIHE_ADMIN_KEY": ADMIN_KEY}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands()],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stated = re.findall(r" {6}# (.+)$", commands(), re.MULTILINE)
    assert len(stated) > 10
    assert done.stdout.splitlines() == stated
