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


@pytest.mark.case("E6")
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
    assert '            "account": "1000",' in lines, "the trial balance is printed with one value on each line"
    for service in ("crm", "scm", "erp"):
        assert any(f" {service} " in line for line in lines), f"{service} is missing in the tree"


def _shell_functions(page: str) -> str:
    """Return the functions of the README, with curl replaced by the content of the variable `answer`."""
    block = re.search(r"^get\(\).*?^(?=```)", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    assert block
    return "curl() { printf '%s' \"$answer\"; }\nsleep() { :; }\n" + block[0].replace(
        ".venv/bin/python", sys.executable
    )


def _run_in_shell(page: str, commands: str, answer: str) -> "subprocess.CompletedProcess[str]":
    script = f"{_shell_functions(page)}\nKEY=key URL=http://suite\n{commands}"
    return subprocess.run(
        ["bash", "-c", script], env={**os.environ, "answer": answer}, capture_output=True, text=True, check=False
    )


@pytest.mark.case("E5")
@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        ('{"trace_id": "1", "detail": "The code is taken."}', "The code is taken.\n"),
        (
            '{"trace_id": "1", "detail": "One value is invalid.", "errors": [{"pointer": "/name", "detail": "empty"}]}',
            "One value is invalid.; /name empty\n",
        ),
        ("", "No response: is the suite running?\n"),
    ],
    ids=["a refusal", "an invalid value", "no suite"],
)
def test_the_first_commands_print_why_they_failed_and_stop(page: str, answer: str, printed: str) -> None:
    done = _run_in_shell(
        page, "ID=$(get crm/customers | field \"['id']\"); echo 'sent to' \"crm/${ID:?}/place\"", answer
    )
    assert done.stderr.startswith(printed)
    assert (done.stdout, done.returncode != 0) == ("", True)


@pytest.mark.case("E5")
@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
@pytest.mark.parametrize(("answer", "code"), [("True", 0), ("False", 1), ("", 1)])
def test_waiting_for_the_suite_ends(page: str, answer: str, code: int) -> None:
    done = _run_in_shell(page, "field() { cat; }; quiet", answer)
    assert done.returncode == code
    assert ("pending work after 30 s" in done.stderr) == (code == 1)


@pytest.mark.case("E6")
@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_statements_are_printed_one_value_a_line(page: str) -> None:
    done = _run_in_shell(page, "show erp/trial-balance", '{"rows": [{"account": "1000"}]}')
    assert done.stdout.splitlines() == [
        "{",
        '    "rows": [',
        "        {",
        '            "account": "1000"',
        "        }",
        "    ]",
        "}",
    ]
