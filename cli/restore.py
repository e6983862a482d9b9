"""`sihe restore`: puts a home folder from a backup in the place of an empty one, or of the one that is set aside."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from cli.backups.restoring import Restored, restore_backup
from cli.backups.terminal import folder_argument, shown_progress, stated_failures
from cli.main import COMMANDS, home_folder

OWNER_ONLY = 0o077
HELP = f"""{COMMANDS["restore"][1]}

The suite must be stopped. FOLDER is verified before anything is changed. What was done after the backup is lost."""


@click.command("restore", help=HELP)
@folder_argument
@click.option("--replace", is_flag=True, help="Set the present home aside under a new name; nothing is deleted.")
def command(folder: Path, replace: bool) -> None:
    os.umask(OWNER_ONLY)
    home, folder = home_folder().expanduser().resolve(), folder.expanduser().resolve()
    with stated_failures("Nothing was restored"), shown_progress() as step:
        restored = restore_backup(folder, home, step, replaces=replace)
    click.echo(f"Restored {home}: backup {restored.manifest.id} {restored.manifest.description}")
    for line in (*_erasures(restored), "Start the suite: sihe up. The read models are rebuilt from the events."):
        click.echo(f"  {line}")


def _erasures(restored: Restored) -> Iterator[str]:
    """Yield where the home of before is, and what became of the persons who were erased after the backup."""
    if restored.set_aside:
        yield f"The home of before is now {restored.set_aside}"
    erasures = restored.erasures
    if erasures is not None:
        repeated = [(service, each) for service, found in erasures.repeated.items() for each in found]
        yield f"{len(repeated)} persons or firms erased after the backup are erased here, too"
        yield from (f"  {service} {each}: erase it again, so that the log records it" for service, each in repeated)
        yield from (f"Erasures could not be read from the home of before: {each}" for each in erasures.unread)
    if erasures is None or erasures.unread:
        yield (
            f"Persons erased after {restored.manifest.taken_at:%Y-%m-%d %H:%M} UTC can be read again: erase them again "
            "(POST crm/customers/{id}/erase, srm/suppliers/{id}/erase, …/contacts/{id}/erase)"
        )
