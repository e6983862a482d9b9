"""Restoring of a backup: copied, verified and complete next to the home before it takes the home's place."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.backups import BackupFailed
from cli.backups.checking import Step, check_copies
from cli.backups.erasing import Erasures, repeat_erasures
from cli.backups.layout import EVENTS, Layout
from cli.backups.manifest import BackedUpFile, Manifest, described, read_manifest
from cli.home import Home
from shared.backup_record import BackupRecord, remember_backup


@dataclass(frozen=True)
class Restored:
    """What was restored, where the home of before is now, and the erasures that were repeated from its logs."""

    manifest: Manifest
    set_aside: Path | None
    erasures: Erasures | None


def restore_backup(folder: Path, home: Path, step: Step, *, replaces: bool) -> Restored:
    """Put the home of a backup in the place of an empty home; with `replaces` a home that is not empty is set aside.

    Raises BackupFailed, HomeInUse, StoreError, ChainBroken, OSError, sqlite3.Error; then the home is as before.
    """
    manifest = read_manifest(folder)
    has_former = home.exists() and (not home.is_dir() or any(home.iterdir()))
    if has_former and not replaces:
        raise BackupFailed(f"{home} is not empty: add --replace to set it aside under a new name, or set SIHE_HOME.")
    staged = home.with_name(f".{home.name}.{os.getpid()}")
    with _stopped(home):
        try:
            staged.mkdir(mode=0o700, parents=True)
            _copy(folder, staged, manifest, step)
            check_copies(Layout.of_home(staged), manifest.logs, step)
            erasures = repeat_erasures(home, staged) if any((home / each).exists() for each in EVENTS) else None
            remember_backup(staged, BackupRecord(manifest.taken_at, str(folder)))
            os.sync()
            set_aside = _set_aside(home) if has_former else None
            staged.replace(home)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return Restored(manifest, set_aside, erasures)


@contextmanager
def _stopped(folder: Path) -> Iterator[None]:
    """Keep a suite from starting in this home. Raises HomeInUse if one runs."""
    home = Home(folder)
    if not (home.run / "lock").exists():
        yield
        return
    home.lock()
    try:
        yield
    finally:
        home.unlock()


def _copy(folder: Path, staged: Path, manifest: Manifest, step: Step) -> None:
    backup, home = Layout.of_backup(folder), Layout.of_home(staged)
    for file in manifest.files:
        step(f"copying {file.name}")
        source, target = backup.path(file.name), home.make_folder_of(file.name)
        if not source.is_file():
            raise BackupFailed(f"{source} is missing: the backup is not complete.")
        shutil.copyfile(source, target)
        _check_digest(source, described(target, file.name), file)


def _check_digest(source: Path, found: BackedUpFile, expected: BackedUpFile) -> None:
    if found != expected:
        raise BackupFailed(f"{source} is not what was backed up: it was changed or damaged since. Use another backup.")


def _set_aside(home: Path) -> Path:
    aside = home.with_name(f"{home.name}.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    return home.rename(aside)
