"""The first key is given from outside or made once, readable by the owner only."""

from pathlib import Path

import pytest

from gateway.access.admin_key import get_or_create_admin_secret
from shared.config import InvalidSettings, Settings


def settings(home: Path, **more: str) -> Settings:
    return Settings.from_environment({"SIHE_SERVICE": "gateway", "SIHE_HOME": str(home), **more})


def test_a_given_key_is_used_as_it_is_and_not_written_down(tmp_path: Path) -> None:
    assert get_or_create_admin_secret(settings(tmp_path, SIHE_ADMIN_KEY="sixteen letters!")) == "sixteen letters!"
    assert list(tmp_path.iterdir()) == []


def test_a_short_key_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="SIHE_ADMIN_KEY"):
        get_or_create_admin_secret(settings(tmp_path, SIHE_ADMIN_KEY="fifteen letters"))


def test_without_one_a_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    made = get_or_create_admin_secret(settings(tmp_path))
    assert get_or_create_admin_secret(settings(tmp_path)) == made
    assert len(made) > 40
    assert (tmp_path / "admin.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["admin.key"]


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    assert get_or_create_admin_secret(settings(tmp_path / "a")) != get_or_create_admin_secret(settings(tmp_path / "b"))
