from dataclasses import FrozenInstanceError
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from attrs.exceptions import FrozenInstanceError as Frozen

from shared.cli import main
from shared.config import InvalidSettings, Settings

REQUIRED = {"SIHE_SERVICE": "crm", "SIHE_HOME": "/srv/sihe"}


def test_default_paths_are_under_the_home_folder() -> None:
    settings = Settings.from_environment(REQUIRED)
    assert settings.database_url == "sqlite:////srv/sihe/crm/events.db"
    assert settings.reports_url == "sqlite:////srv/sihe/crm/reports.db"
    assert settings.keys_url == "sqlite:////srv/sihe/crm/keys.db"
    assert settings.chain_url == "sqlite:////srv/sihe/crm/chain.db"
    assert settings.checkpoint_seed_file == Path("/srv/sihe/keys/crm.checkpoint.seed")
    assert settings.nats_seed_file == Path("/srv/sihe/keys/crm.nkey")
    assert settings.secret_file == Path("/srv/sihe/keys/crm.secret")
    assert (settings.time_zone, settings.base_currency, settings.listen_fd) == (ZoneInfo("UTC"), "USD", None)


def test_a_given_value_replaces_the_default() -> None:
    settings = Settings.from_environment(
        REQUIRED | {"SIHE_DATABASE_URL": "postgresql://db/crm", "SIHE_LISTEN_PORT": "9001"}
    )
    assert (settings.database_url, settings.listen_port) == ("postgresql://db/crm", 9001)


def test_peer_addresses_are_parsed_by_service_name() -> None:
    settings = Settings.from_environment(REQUIRED | {"SIHE_PEERS": "erp=http://127.0.0.1:1, srm=http://127.0.0.1:2"})
    assert settings.peers == {"erp": "http://127.0.0.1:1", "srm": "http://127.0.0.1:2"}


def test_all_missing_required_settings_are_listed() -> None:
    with pytest.raises(InvalidSettings, match=r"^not set: SIHE_HOME, SIHE_SERVICE$"):
        Settings.from_environment({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SIHE_TIME_ZONE", "Mars/X"),
        ("SIHE_TIME_ZONE", "America"),
        ("SIHE_TIME_ZONE", "../etc"),
        ("SIHE_TIME_ZONE", "localtime"),
        ("SIHE_LISTEN_PORT", "abc"),
        ("SIHE_LISTEN_FD", ""),
        ("SIHE_STREAM_BYTES", "1e9"),
        ("SIHE_PEERS", "crm"),
        ("SIHE_LOG_LEVEL", "LOUD"),
    ],
)
def test_an_invalid_value_is_refused_with_the_variable_and_the_value(variable: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        Settings.from_environment(REQUIRED | {variable: value})
    assert str(refused.value) == f"{variable} has an invalid value: {value!r}"


def test_an_invalid_setting_ends_the_process_with_an_error_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIHE_HOME", "/srv/sihe")
    monkeypatch.setenv("SIHE_TIME_ZONE", "Mars/X")
    assert main("crm", ModuleType("unused"), ["migrate"]) == 2
    assert capsys.readouterr().err == "crm cannot migrate: SIHE_TIME_ZONE has an invalid value: 'Mars/X'\n"


def test_all_missing_files_are_listed(tmp_path: Path) -> None:
    settings = Settings.from_environment(REQUIRED | {"SIHE_HOME": str(tmp_path)})
    (tmp_path / "keys").mkdir()
    settings.jwks_file.touch()
    with pytest.raises(InvalidSettings) as missing:
        settings.require_files("jwks_file", "secret_file", "identity_seed_file")
    assert "SIHE_SECRET_FILE" in str(missing.value)
    assert "SIHE_IDENTITY_SEED_FILE" in str(missing.value)
    assert "SIHE_JWKS_FILE" not in str(missing.value)


def test_settings_are_immutable() -> None:
    with pytest.raises((Frozen, FrozenInstanceError)):
        Settings.from_environment(REQUIRED).home = Path("/elsewhere")  # type: ignore[misc]  # frozen: the test
