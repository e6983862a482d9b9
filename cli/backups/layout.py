"""What a backup of a home folder consists of, and where each file is, in the home and in the backup."""

from collections.abc import Iterator
from pathlib import Path

from cli.connect import ADMIN_KEY_FILE
from cli.home import PROCESSES
from shared.identity import GATEWAY
from shared.store_memory import FILE as STORE_FILE

SECRETS = "secrets"
"""The folder of a backup with all keys, so that they can be kept apart from what they open."""
SIGNING_KEYS = "keys"
CHAINS, EVENTS, KEYS = (tuple(f"{name}/{kind}.db" for name in PROCESSES) for kind in ("chain", "events", "keys"))
READINGS = f"{GATEWAY}/readings.db"
DATABASES = (*CHAINS, *EVENTS, READINGS, *KEYS)
"""The databases in the order in which they are read: a chain must not be longer than its log, nor the length of the
access log that the gateway has recorded than the access log; and an event needs the key of its person."""


class Layout:
    """The files of a home folder, or of a backup of one, by their names in the home, such as `crm/events.db`."""

    def __init__(self, folder: Path, secrets: Path) -> None:
        self.folder, self._secrets = folder, secrets

    @classmethod
    def of_home(cls, home: Path) -> "Layout":
        return cls(home, home)

    @classmethod
    def of_backup(cls, folder: Path) -> "Layout":
        return cls(folder, folder / SECRETS)

    def path(self, name: str) -> Path:
        """Return where a file is."""
        return (self._secrets if _is_secret(name) else self.folder) / name

    def make_folder_of(self, name: str) -> Path:
        """Return where a file is to be; create its folder."""
        path = self.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def other_files(self) -> Iterator[str]:
        """Yield the names of the files that are no databases: keys, and what the home remembers of its stores."""
        yield from sorted(f"{SIGNING_KEYS}/{each.name}" for each in self.path(SIGNING_KEYS).glob("*") if each.is_file())
        yield from filter(self._has, (ADMIN_KEY_FILE, *(f"{name}/{STORE_FILE}" for name in PROCESSES)))

    def _has(self, name: str) -> bool:
        return self.path(name).is_file()


def belongs_to_backup(name: str) -> bool:
    """Return whether this is the name of a file that a backup may have."""
    folder, _, file = name.partition("/")
    is_key = folder == SIGNING_KEYS and file not in ("", ".", "..") and "/" not in file
    return name in DATABASES or name == ADMIN_KEY_FILE or is_key or (folder in PROCESSES and file == STORE_FILE)


def _is_secret(name: str) -> bool:
    return name in (*KEYS, ADMIN_KEY_FILE) or name.partition("/")[0] == SIGNING_KEYS
