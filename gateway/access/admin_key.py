"""The first administrator key: from the configuration, or generated once into a file only its owner can read."""

import os
import secrets
from pathlib import Path

from shared.config import Settings


def get_or_create_admin_secret(settings: Settings) -> str:
    """Return the secret of `admin`. It is configuration, not an event: a restart with another secret replaces it."""
    return settings.admin_key or _get_or_create_secret(settings.home / "admin.key")


def _get_or_create_secret(file: Path) -> str:
    if not file.exists():
        _write_once(file, f"sihe_admin_{secrets.token_urlsafe(32)}\n")
    return file.read_text().strip()


def _write_once(file: Path, content: str) -> None:
    """Write the file atomically; an existing file is kept."""
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
