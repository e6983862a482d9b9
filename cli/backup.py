"""`sihe backup`: copies the data of a suite, running or stopped, to a folder, and verifies the copy."""

import os
import time
from pathlib import Path

import click

from cli.backups.layout import SECRETS
from cli.backups.taking import take_backup
from cli.backups.terminal import folder_argument, shown_progress, stated_failures
from cli.main import COMMANDS, home_folder
from shared.backup_record import BackupRecord, remember_backup

OWNER_ONLY = 0o077


@click.command("backup", help=f"{COMMANDS['backup'][1]}\n\nFOLDER must be empty, or not exist yet.")
@folder_argument
def command(folder: Path) -> None:
    os.umask(OWNER_ONLY)
    home, folder, begun = home_folder().expanduser().resolve(), folder.expanduser().resolve(), time.monotonic()
    with stated_failures("No backup was written"), shown_progress() as step:
        manifest = take_backup(home, folder, step)
    size, seconds = manifest.size / (1 << 20), time.monotonic() - begun
    click.echo(f"Backup {manifest.id} {manifest.description}")
    click.echo(f"  {len(manifest.files)} files, {size:,.1f} MiB, written to {folder} and verified in {seconds:.1f} s")
    click.echo(f"  {folder / SECRETS} has all keys: keep it apart from the rest, and for a limited time")
    with stated_failures("The backup is complete, but the home cannot remember it"):
        remember_backup(home, BackupRecord(manifest.taken_at, str(folder)))
