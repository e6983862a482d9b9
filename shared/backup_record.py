"""When the data of a home folder was last backed up, as the backup wrote it down."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.codec import DecodeError, decode

FILE = "backup.json"


@dataclass(frozen=True)
class BackupRecord:
    """The newest complete backup of a home folder."""

    taken_at: datetime


def newest_backup(home: Path) -> BackupRecord | None:
    """Return the newest backup of a home; None if none is known."""
    try:
        return decode((home / FILE).read_bytes(), BackupRecord)
    except (OSError, DecodeError):
        return None
