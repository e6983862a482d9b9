"""The first key: given by whoever starts the suite, or made once and left where only the owner can read it."""

import os
import secrets
from pathlib import Path

from shared.config import Settings, SettingsMissing

LEAST_CHARACTERS = 16


def admin_secret(settings: Settings) -> str:
    """The secret of `admin`. It is configuration, not an event: changing it is starting with another one.

    Raises SettingsMissing if the given one is too short to be safe.
    """
    if settings.admin_key:
        if len(settings.admin_key) < LEAST_CHARACTERS:
            raise SettingsMissing(f"SIHE_ADMIN_KEY has less than {LEAST_CHARACTERS} characters")
        return settings.admin_key
    return _kept_in(settings.home / "admin.key")


def _kept_in(file: Path) -> str:
    if not file.exists():
        _write_once(file, f"sihe_admin_{secrets.token_urlsafe(32)}\n")
    return file.read_text().strip()


def _write_once(file: Path, content: str) -> None:
    """Whole or not at all, and never over another one's."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as writing:
        writing.write(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
