"""What a home folder remembers of its event stores, so that it is not started with others by mistake."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.codec import decode, encode
from shared.config import InvalidSettings, Settings
from shared.store.event_store import EventStore

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
FILE = "store.json"


@dataclass(frozen=True)
class RememberedStore:
    """The kind of database that a service of this home stores its events in, and the epoch of the store."""

    kind: str
    epoch: str


def kind_of(url: str) -> str:
    """Return the kind of database that a URL names."""
    return POSTGRESQL if url.startswith("postgres") else SQLITE


def remembered_store(home: Path, service: str) -> RememberedStore | None:
    """Return what the home remembers of the store of a service; None before the first start."""
    try:
        return decode((home / service / FILE).read_bytes(), RememberedStore)
    except (FileNotFoundError, NotADirectoryError):
        return None


def other_kind(home: Path, service: str, url: str) -> str | None:
    """Return a sentence if the URL names another kind of database than the one with the events of this home."""
    known = remembered_store(home, service)
    if known is None or known.kind == kind_of(url):
        return None
    remedy = {
        POSTGRESQL: "set SIHE_DATABASE_URL and SIHE_REPORTS_URL as before",
        SQLITE: "unset SIHE_DATABASE_URL and SIHE_REPORTS_URL",
    }
    return f"The event stores of {home} are on {known.kind}: {remedy[known.kind]}, or use another SIHE_HOME."


def require_same_kind(settings: Settings) -> None:
    """Raises InvalidSettings if the events of this home are in another kind of database."""
    if problem := other_kind(settings.home, settings.service, settings.database_url):
        raise InvalidSettings(problem)


def require_same_store(settings: Settings, store: EventStore) -> None:
    """Raises InvalidSettings if the database is empty or has another store than the one of this home."""
    known, epoch = remembered_store(settings.home, settings.service), store.epoch_or_none()
    if known is None or known.epoch == epoch:
        return
    found = f"has epoch {epoch}" if epoch else "is empty"
    raise InvalidSettings(
        f"The event store of {store.service} in {store.location} {found}, but that of {settings.home} has epoch "
        f"{known.epoch}. Use the database of before, or restore all services from one backup."
    )


def remember_store(settings: Settings, store: EventStore) -> None:
    """Write down the store of a home, without its address and password."""
    known = RememberedStore(kind_of(settings.database_url), store.epoch)
    if remembered_store(settings.home, settings.service) == known:
        return
    file = settings.home / settings.service / FILE
    with suppress(OSError):  # a home without room or right to write keeps nothing; the databases do
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_bytes(encode(known))
        draft.replace(file)
