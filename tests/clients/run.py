"""`make clients`: generate a Python and a TypeScript client from a running suite, and run the first order with each.

The generators and their libraries are pinned with hashes in lock files of their own, and installed under
`.venv/clients`. A warning of a generator fails: it leaves something out. Without node and npm the run fails at once;
`--only python` leaves the TypeScript client out on purpose.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.running_suite import ADMIN_KEY, RunningSuite

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / ".venv" / "clients"
LANGUAGES = ("python", "typescript")
EXPECTED = "paid 552.60 wrong_status"
"""What the program in each language prints: state and amount of the order, and the refusal to place it again."""


class ClientFailed(Exception):
    """Raised when a client cannot be made, compiled or run."""


def run(*command: str | Path, folder: Path, settings: Mapping[str, str] | None = None) -> str:
    """Return the output of a command. Raises ClientFailed if it fails."""
    environ = {**os.environ, **(settings or {})}
    arguments = [str(each) for each in command]
    done = subprocess.run(arguments, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClientFailed(f"{' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


def python_client(document: Path, folder: Path, suite: Mapping[str, str]) -> str:
    """Generate the Python client, check the types of its program, and return what the program prints."""
    source, tools = HERE / "python", TOOLS / "python"
    python = tools / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", tools, folder=ROOT)
    lock = source / "requirements.lock"
    run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", lock, folder=ROOT)
    generated = run(
        tools / "bin" / "openapi-python-client", "generate", "--path", document, "--config", source / "config.yaml",
        "--output-path", folder / "client", "--overwrite", folder=folder,
    )  # fmt: skip
    if "WARNING" in generated:
        raise ClientFailed(f"openapi-python-client leaves something out:\n{generated[-4000:]}")
    shutil.copy(source / "first_order.py", folder)
    path = {"MYPYPATH": str(folder / "client"), "PYTHONPATH": str(folder / "client")}
    checked = ["--strict", "--follow-imports", "silent", "--python-executable", python, "--config-file", os.devnull]
    run(sys.executable, "-m", "mypy", *checked, "first_order.py", folder=folder, settings=path)
    return run(python, "first_order.py", folder=folder, settings={**path, **suite})


def typescript_client(document: Path, folder: Path, suite: Mapping[str, str]) -> str:
    """Generate the TypeScript client, compile its program with strict types, and return what the program prints."""
    tools = TOOLS / "typescript"
    tools.mkdir(parents=True, exist_ok=True)
    for each in (HERE / "typescript").iterdir():
        shutil.copy(each, tools)
    run("npm", "ci", "--no-audit", "--no-fund", "--silent", folder=tools)
    shutil.copy(document, tools / "openapi.json")
    for step in ("generate", "compile"):
        run("npm", "run", "--silent", step, folder=tools)
    return run("npm", "run", "--silent", "start", folder=tools, settings=suite)


CLIENTS = {"python": python_client, "typescript": typescript_client}


def main() -> int:
    """Make and run each client; return 1 if one does not print what it must."""
    languages = _languages()
    if "typescript" in languages and not (shutil.which("node") and shutil.which("npm")):
        print("The TypeScript client needs Node.js 20 or newer with npm: install it, or give --only python.")
        return 1
    with tempfile.TemporaryDirectory() as folder, RunningSuite(Path(folder) / "home") as suite:
        document = Path(folder) / "openapi.json"
        with suite.client as client:
            document.write_bytes(client.get(f"{suite.url}/openapi.json").raise_for_status().content)
        address = {"SIHE_URL": suite.url, "SIHE_KEY": ADMIN_KEY}
        return max(_result(each, document, Path(folder), address) for each in languages)


def _result(language: str, document: Path, folder: Path, suite: Mapping[str, str]) -> int:
    """Print whether the client of a language works; return 1 if it does not."""
    try:
        printed = CLIENTS[language](document, folder, suite).strip()
    except ClientFailed as failed:
        printed = str(failed)
    is_right = printed == EXPECTED
    print(f"{language}: the first order works" if is_right else f"{language}: expected {EXPECTED}, got {printed}")
    return 0 if is_right else 1


def _languages() -> tuple[str, ...]:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", choices=LANGUAGES, help="the client of one language")
    only = asked.parse_args().only
    return (only,) if only else LANGUAGES


if __name__ == "__main__":
    sys.exit(main())
