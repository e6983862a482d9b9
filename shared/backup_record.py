"""When the data of a home folder was last backed up, as the backup wrote it down."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.codec import DecodeError, decode, encode

FILE = "backup.json"


@dataclass(frozen=True)
class BackupRecord:
    """The newest complete backup of a home folder, and the folder that it was written to."""

    taken_at: datetime
    folder: str = ""


def newest_backup(home: Path) -> BackupRecord | None:
    """Return the newest backup of a home; None if none is known."""
    try:
        return decode((home / FILE).read_bytes(), BackupRecord)
    except (OSError, DecodeError):
        return None


def remember_backup(home: Path, record: BackupRecord) -> None:
    """Write down the newest backup of a home."""
    draft = (home / FILE).with_suffix(".new")
    draft.write_bytes(encode(record))
    draft.replace(home / FILE)
