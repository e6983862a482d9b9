"""`sihe bench`: measure the suite. The benchmark is part of the source tree, not of the installed package."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cli.main import COMMANDS

SOURCE_TREE = Path(__file__).resolve().parent.parent
PROGRAM = "tests.bench.command"


@click.command(
    "bench", help=COMMANDS["bench"][1], add_help_option=False, context_settings={"ignore_unknown_options": True}
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: Sequence[str]) -> None:
    if not (SOURCE_TREE / "tests" / "bench").is_dir():
        raise click.ClickException("The benchmark is not installed: run it in a checkout of the source.")
    raise SystemExit(subprocess.call([sys.executable, "-m", PROGRAM, *options], cwd=SOURCE_TREE))
