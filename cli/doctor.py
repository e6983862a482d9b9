"""`sihe doctor`: examines settings, machine, stores and the running suite, and states what is wrong."""

import os
from collections.abc import Iterator
from contextlib import suppress

import click

from cli.connect import admin_key
from cli.findings import Finding, Level, finding_lines
from cli.home import Home
from cli.machine_checks import backup_finding, disk_finding, key_file_findings, settings_findings, version_findings
from cli.main import COMMANDS, home_folder, port_number
from cli.suite_checks import store_findings, suite_findings


@click.command("doctor", help=f"{COMMANDS['doctor'][1]}\n\nChanges nothing. Exit code 1 if something is wrong.")
def command() -> None:
    findings = list(_examine())
    for line in finding_lines(findings):
        click.echo(line)
    if any(each.level == Level.WRONG for each in findings):
        raise SystemExit(1)


def _examine() -> Iterator[Finding]:
    """Yield all findings; wrong settings end the examination, because they decide where everything is."""
    found = list(settings_findings(os.environ))
    yield from found
    yield from version_findings()
    home = Home(home_folder())
    yield disk_finding(home.folder)
    if any(each.level == Level.WRONG for each in found):
        return
    yield from suite_findings(home, port_number(), _admin_key_or_none())
    yield from store_findings(home.folder)
    yield from key_file_findings(home.folder)
    if home.folder.is_dir():
        yield backup_finding(home.folder)


def _admin_key_or_none() -> str | None:
    with suppress(click.UsageError):
        return admin_key()
    return None
