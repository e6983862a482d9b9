"""What the commands of backups have in common on the terminal: progress, and each failure as one sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from cli.backups import BackupFailed
from cli.backups.checking import Step
from cli.home import HomeInUse
from shared.chain.hash_chain import ChainBroken
from shared.store import StoreError

folder_argument = click.argument("folder", type=click.Path(path_type=Path))


@contextmanager
def shown_progress() -> Iterator[Step]:
    """Yield the function that shows what is being done."""
    with Console(stderr=True).status("starting") as status:
        yield lambda text: status.update(text)


@contextmanager
def stated_failures(attempt: str) -> Iterator[None]:
    """End the command with one sentence for whatever prevents it, after what was attempted."""
    try:
        yield
    except (BackupFailed, HomeInUse, StoreError, ChainBroken, sqlite3.Error) as error:
        raise click.ClickException(f"{attempt}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{attempt}: {_sentence(error)}.") from None


def _sentence(error: OSError) -> str:
    """Return what the system refused, with the file that is written or else read."""
    file = error.filename2 or error.filename
    return f"{file}: {error.strerror}" if file else str(error.strerror)
