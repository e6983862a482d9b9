"""The `sihe` command: start the suite, fill it, watch it tell a story, audit it."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

COMMANDS = {
    "up": ("cli.up", "Start the whole suite on this machine; Ctrl-C stops it."),
    "import": ("cli.importing", "Bring a firm's data in through the public API."),
    "demo": ("cli.demo", "One order with a shortage, told as a story by a throw-away suite."),
    "audit": ("cli.audit", "Fold what happened again; show a story as one tree; export and prove the history."),
    "bench": ("cli.bench", "Measure the suite against the raw limits of this machine."),
}


class Commands(click.Group):
    """The commands by name; each is imported only when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sihe")
def main() -> None:
    """Sihe: four services around one courtyard.

    \b
    SIHE_HOME       where all data of the suite lives (default ./var)
    SIHE_PORT       where the gateway listens (default 8080)
    SIHE_ADMIN_KEY  the first key (default: made once, kept in <home>/admin.key)
    """


def home_folder() -> Path:
    """`SIHE_HOME`, by default ./var."""
    return Path(os.environ.get("SIHE_HOME") or "var")


def port_number() -> int:
    """`SIHE_PORT`, by default 8080."""
    given = os.environ.get("SIHE_PORT") or "8080"
    if not given.isascii() or not given.isdigit() or int(given) > 65535:
        raise click.UsageError(f"SIHE_PORT is not a port number: {given}")
    return int(given)


if __name__ == "__main__":
    sys.exit(main())
