"""Taking of a backup: copies of one moment, described and verified before the folder gets its name."""

import os
import shutil
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from cli.backups import BackupFailed
from cli.backups.checking import Step, check_copies, read_log
from cli.backups.layout import DATABASES, Layout
from cli.backups.manifest import Manifest, described
from cli.backups.snapshots import Snapshots
from cli.home import PROCESSES
from shared.store_memory import POSTGRESQL, kind_of, remembered_store

URLS = "SIHE_DATABASE_URL", "SIHE_CHAIN_URL", "SIHE_READINGS_URL"


def take_backup(home: Path, folder: Path, step: Step) -> Manifest:
    """Write a verified backup of a home into a folder that is empty or does not exist.

    Raises BackupFailed, StoreError, ChainBroken, OSError, sqlite3.Error; then there is no folder of this name.
    """
    _require_sqlite(home)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupFailed(f"{folder} exists and is not empty: choose another folder.")
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        draft.mkdir(mode=0o700, parents=True)
        manifest = _write(Layout.of_home(home), Layout.of_backup(draft), step)
        os.sync()
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _require_sqlite(home: Path) -> None:
    kinds = {known.kind for name in PROCESSES if (known := remembered_store(home, name))}
    if POSTGRESQL in kinds | {kind_of(os.environ.get(each, "")) for each in URLS}:
        raise BackupFailed(
            f"The stores of {home} are on PostgreSQL, which this command does not copy: stop the suite, save the "
            "database with pg_dump, and copy the home folder (docs/operations.md, PostgreSQL)."
        )
    if not kinds:
        raise BackupFailed(f"{home} is not the home of a suite: set SIHE_HOME to the folder with its data.")


def _write(home: Layout, backup: Layout, step: Step) -> Manifest:
    others = list(home.other_files())
    with closing(Snapshots(home)) as snapshots:
        _require_room(home, backup.folder)
        step("opening all databases at one moment")
        snapshots.open()
        taken_at = datetime.now(UTC)
        for name in DATABASES:
            step(f"copying {name}")
            snapshots.copy(name, backup.make_folder_of(name))
    for name in others:
        shutil.copyfile(home.path(name), backup.make_folder_of(name))
    return _describe_and_check(backup, [*DATABASES, *others], taken_at, step)


def _require_room(home: Layout, folder: Path) -> None:
    needed, free = sum(home.path(name).stat().st_size for name in DATABASES), shutil.disk_usage(folder).free
    if needed > free:
        sizes = f"{needed / (1 << 20):,.1f} MiB, but {free / (1 << 20):,.1f} MiB are free"
        raise BackupFailed(f"The backup needs {sizes} at {folder.parent}: free space, or choose another folder.")


def _describe_and_check(backup: Layout, names: list[str], taken_at: datetime, step: Step) -> Manifest:
    logs = {service: read_log(backup, service) for service in PROCESSES}
    check_copies(backup, logs, step)
    files = [described(backup.path(name), name) for name in names]
    manifest = Manifest(uuid4().hex[:16], taken_at, version("sihe"), logs, files)
    manifest.write(backup.folder)
    return manifest
