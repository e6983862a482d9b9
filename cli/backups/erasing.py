"""Erasures made after a backup, repeated in the keys that the backup brings back, before anything is decrypted."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Error
from uuid import UUID

from cli.backups.checking import open_log
from cli.backups.layout import Layout
from cli.home import PROCESSES
from cli.main_modules import main_module_of
from shared.erasures import erased_subjects
from shared.key_store import KeyStore
from shared.store import StoreError, UnsupportedEventVersion


@dataclass
class Erasures:
    """The persons whose keys were destroyed again, by service, and what could not be read in the home of before."""

    repeated: dict[str, list[UUID]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def repeat_erasures(former: Path, restored: Path) -> Erasures:
    """Destroy the keys in the restored home of all who are erased in the former one: by its logs and by its keys."""
    erasures = Erasures()
    for service in PROCESSES:
        main_module_of(service)  # defines the events of the log
        found = _found_in(erasures, service, _erased_in_log(former, service), _erased_in_keys(former, service))
        erasures.repeated[service] = _erase(restored, service, found)
    return erasures


def _found_in(erasures: Erasures, service: str, *sources: Iterator[UUID]) -> set[UUID]:
    found = set[UUID]()
    for each in sources:
        try:
            found.update(each)
        except (StoreError, UnsupportedEventVersion, Error, OSError) as error:
            erasures.unread.append(f"{service}: {error}")
    return found


def _erased_in_log(former: Path, service: str) -> Iterator[UUID]:
    with open_log(Layout.of_home(former), service) as log:
        log.store.check()
        yield from erased_subjects(log.store)


def _erased_in_keys(former: Path, service: str) -> Iterator[UUID]:
    with closing(KeyStore(former / service / "keys.db")) as keys:
        yield from keys.erased()


def _erase(restored: Path, service: str, found: set[UUID]) -> list[UUID]:
    """Destroy these keys and return whose were there."""
    with closing(KeyStore(restored / service / "keys.db")) as keys:
        fresh = sorted(found - keys.erased())
        had_key = [each for each in fresh if keys.has_key(each)]
        for each in fresh:
            keys.erase(each)
    return had_key
