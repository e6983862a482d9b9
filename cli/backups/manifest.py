"""`backup.json`: what a backup has, of which moment, and the digest of each file."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.backups import BackupFailed
from cli.backups.cut import StoreState
from cli.backups.layout import DATABASES, belongs_to_backup
from shared.backup_record import FILE
from shared.codec import DecodeError, decode, to_plain


@dataclass(frozen=True)
class BackedUpFile:
    """A file by its name in the home, with size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class BackedUpLog:
    """The log of a service in the backup: its event store, and how far the hash chain reaches with which hash."""

    store: StoreState
    chained: int
    chain_head: str


@dataclass(frozen=True)
class Manifest:
    """The content of `backup.json`."""

    id: str
    taken_at: datetime
    version: str
    logs: dict[str, BackedUpLog]
    files: list[BackedUpFile]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def description(self) -> str:
        events = ", ".join(f"{name} {log.store.head:,}" for name, log in self.logs.items())
        return f"of {self.taken_at:%Y-%m-%d %H:%M:%S} UTC (events: {events})"

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(to_plain(self), indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder has a backup of. Raises BackupFailed."""
    file = folder / FILE
    try:
        manifest = decode(file.read_bytes(), Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise BackupFailed(f"{folder} is no complete backup: it has no {FILE}.") from None
    except DecodeError as error:
        raise BackupFailed(f"{file} was not written by sihe backup, or was changed: {error}.") from None
    names = {each.name for each in manifest.files}
    if wrong := [*(each for each in names if not belongs_to_backup(each)), *(set(DATABASES) - names)]:
        raise BackupFailed(f"{file} was changed: {sorted(wrong)[0]} is missing or belongs to no backup.")
    return manifest


def described(path: Path, name: str) -> BackedUpFile:
    """Return size and digest of a file."""
    with path.open("rb") as file:
        return BackedUpFile(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
