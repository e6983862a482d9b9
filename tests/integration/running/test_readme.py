import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_suite import ADMIN_KEY, RunningSuite

ROOT = Path(__file__).resolve().parents[3]


def _first_order() -> str:
    """Return the commands of the README as a reader copies them."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    commands = "\n".join([*blocks, *_replay_commands()]).replace(".venv/bin/sihe", ".venv/bin/python -m cli.main")
    return commands.replace(".venv/bin/python", sys.executable)


def _replay_commands() -> list[str]:
    """Return the commands of the page on replay, which continues the README."""
    return re.findall(r"^\$ (.*)$", (ROOT / "docs/how-to/replay.md").read_text(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's first order is written with curl")
def test_the_commands_of_the_readme_succeed(fresh_suite: RunningSuite) -> None:
    port, home = str(fresh_suite.running["port"]), str(fresh_suite.home)
    variables = {"SIHE_PORT": port, "SIHE_ADMIN_KEY": ADMIN_KEY, "SIHE_HOME": home}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _first_order()],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "{'amount': '552.60', 'currency': 'USD'}" in lines
    assert lines.index("reserved") < lines.index("paid") < lines.index("matched")
    assert "{'amount': '0.00', 'currency': 'USD'}" in lines
    for service in ("crm", "scm", "erp"):
        assert any(f" {service} " in line for line in lines), f"{service} is missing in the tree"
