"""The `sihe` command: start, operate, watch and audit the suite, import data, run a demo and measure it."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from shared.config import PORT_VARIABLE
from shared.setting_kinds import PORT, InvalidSettings

COMMANDS = {
    "up": ("cli.up", "Start the whole suite on this machine; Ctrl-C stops it."),
    "import": ("cli.importing", "Import the data of a company through the public API."),
    "demo": ("cli.demo", "Run a sample order with a shortage on a temporary suite and check the result."),
    "show": ("cli.show", "Show a report or a list of the running suite as a table."),
    "keys": ("cli.keys", "Issue, list, rotate and revoke access keys."),
    "doctor": ("cli.doctor", "Examine settings, machine, stores and the running suite; state what is wrong."),
    "backup": ("cli.backup", "Back up the data of the suite, which may be running, to a folder, and verify the copy."),
    "restore": ("cli.restore", "Restore the whole suite from a backup."),
    "audit": ("cli.audit", "Rebuild read models, trace events, export and verify the event logs, pack samples."),
    "bench": ("cli.bench", "Measure the suite against the raw limits of this machine."),
}


class Commands(click.Group):
    """The commands by name; each is imported only when it is used."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sihe")
def main() -> None:
    """Sihe: an event-sourced business suite of four services (CRM, SRM, SCM, ERP).

    \b
    SIHE_HOME       folder of all data of the suite (default: ./var)
    SIHE_PORT       port of the gateway (default: 8080)
    SIHE_ADMIN_KEY  administrator key (default: generated once into <home>/admin.key)
    """


def home_folder() -> Path:
    """Return `SIHE_HOME`, by default ./var."""
    return Path(os.environ.get("SIHE_HOME") or "var")


def port_number() -> int:
    """Return `SIHE_PORT`, by default 8080. Raises UsageError."""
    try:
        return int(PORT.read(PORT_VARIABLE, os.environ.get(PORT_VARIABLE) or "8080"))
    except InvalidSettings as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
