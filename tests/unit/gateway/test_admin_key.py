"""Administrator key: taken from the configuration, or generated once into a file only its owner can read."""

from pathlib import Path

from gateway.access.admin_key import get_or_create_admin_secret
from shared.config import Settings


def settings(home: Path, **more: str) -> Settings:
    return Settings.from_environment({"SIHE_SERVICE": "gateway", "SIHE_HOME": str(home), **more})


def test_a_configured_key_is_used_unchanged_and_not_stored(tmp_path: Path) -> None:
    assert get_or_create_admin_secret(settings(tmp_path, SIHE_ADMIN_KEY="sixteen letters!")) == "sixteen letters!"
    assert list(tmp_path.iterdir()) == []


def test_without_a_configured_key_one_is_generated_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    secret = get_or_create_admin_secret(settings(tmp_path))
    assert get_or_create_admin_secret(settings(tmp_path)) == secret
    assert len(secret) > 40
    assert (tmp_path / "admin.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["admin.key"]


def test_each_home_folder_has_its_own_key(tmp_path: Path) -> None:
    assert get_or_create_admin_secret(settings(tmp_path / "a")) != get_or_create_admin_secret(settings(tmp_path / "b"))
