from dataclasses import FrozenInstanceError
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError as Frozen

from shared.cli import main
from shared.config import InvalidSettings, Settings, invalid_settings, unknown_settings

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
    with pytest.raises(InvalidSettings) as refused:
        Settings.from_environment({})
    assert str(refused.value).splitlines() == [
        "SIHE_SERVICE is not set: crm, srm, scm, erp or gateway.",
        "SIHE_HOME is not set: the folder that holds all data of the suite.",
    ]


ZONE = "must be an IANA time zone such as Europe/Berlin"
NETWORKS = "must be a list of networks such as 10.0.0.0/8,::1/128"
LONG_KEY = "must be 16 characters or more; leave it unset to have a key generated."
ORIGINS = "must be a list of origins in lower case without a path, such as https://shop.example,http://localhost:5173"
ADDRESSES = "must be a list such as crm=http://host:port,erp=http://host:port"


@pytest.mark.case("O4")
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SIHE_TIME_ZONE", "Mars/X", f"{ZONE}, not 'Mars/X'."),
        ("SIHE_TIME_ZONE", "Berlin", f"{ZONE}, not 'Berlin'. Did you mean Europe/Berlin?"),
        ("SIHE_TIME_ZONE", "../etc", f"{ZONE}, not '../etc'."),
        ("SIHE_TIME_ZONE", "localtime", f"{ZONE}, not 'localtime'."),
        ("SIHE_BASE_CURRENCY", "EURO", "must be an ISO 4217 currency code such as EUR, not 'EURO'. Did you mean EUR?"),
        ("SIHE_LISTEN_PORT", "abc", "must be a port number from 0 to 65535, not 'abc'."),
        ("SIHE_LISTEN_PORT", "65536", "must be a port number from 0 to 65535, not '65536'."),
        ("SIHE_LISTEN_FD", "", "must be a file descriptor, a number from 0, not ''."),
        ("SIHE_STREAM_BYTES", "1e9", "must be a whole number from 1, not '1e9'."),
        ("SIHE_STREAM_REPLICAS", "6", "must be a whole number from 1 to 5, not '6'."),
        ("SIHE_HEAD_SECONDS", "-3", "must be a number of seconds above 0, not '-3'."),
        ("SIHE_BODY_SECONDS", "nan", "must be a number of seconds above 0, not 'nan'."),
        ("SIHE_PEERS", "crm", f"{ADDRESSES}, not 'crm'."),
        ("SIHE_WORKERS", "crm=127.0.0.1", f"{ADDRESSES}, not 'crm=127.0.0.1'."),
        ("SIHE_SHARED_NETWORKS", "10.0.0.1/8", f"{NETWORKS}, not '10.0.0.1/8'."),
        ("SIHE_ORIGINS", "shop.example", f"{ORIGINS}, not 'shop.example'."),
        ("SIHE_ORIGINS", "https://shop.example/", f"{ORIGINS}, not 'https://shop.example/'."),
        ("SIHE_ORIGINS", "*", f"{ORIGINS}, not '*'."),
        ("SIHE_LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'."),
        ("SIHE_LOG_LEVEL", "WARNIG", "must be DEBUG, INFO, WARNING or ERROR, not 'WARNIG'. Did you mean WARNING?"),
        ("SIHE_RUN_DIR", "", "must be a path, not ''."),
        ("SIHE_ADMIN_KEY", "fifteen letters", LONG_KEY),
        ("SIHE_DATABASE_URL", "mysql://erp:secret@db", "must be sqlite:///<file> or postgresql://…."),
        ("SIHE_KEYS_URL", "postgresql://db/keys", "must be sqlite:///<file>, not 'postgresql://db/keys'."),
        ("SIHE_NATS_URL", "127.0.0.1:4222", "must be nats://host:port."),
    ],
)  # fmt: skip
def test_an_invalid_value_is_refused_with_what_is_required(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        Settings.from_environment(REQUIRED | {variable: value})
    assert str(refused.value) == f"{variable} {sentence}"


def test_every_setting_refuses_some_text_or_takes_any() -> None:
    wrong = {f"SIHE_{each.name.upper()}": "" for each in attrs.fields(Settings)}
    stated = "\n".join(invalid_settings(wrong))
    takes_nothing = {"SIHE_ADMIN_KEY", "SIHE_PEERS", "SIHE_WORKERS", "SIHE_SHARED_NETWORKS", "SIHE_ORIGINS"}
    assert {name for name in wrong if f"{name} must be" not in stated} == takes_nothing


@pytest.mark.case("O4")
def test_all_invalid_settings_are_listed_at_once() -> None:
    with pytest.raises(InvalidSettings) as refused:
        Settings.from_environment({"SIHE_SERVICE": "crm", "SIHE_TIME_ZONE": "Mars", "SIHE_STATUS_PORT": "many"})
    assert [each.split()[0] for each in str(refused.value).splitlines()] == [
        "SIHE_HOME",
        "SIHE_STATUS_PORT",
        "SIHE_TIME_ZONE",
    ]


@pytest.mark.case("O4")
def test_an_unknown_setting_is_named_with_the_nearest_known_one() -> None:
    given = {"SIHE_BASECURRENCY": "EUR", "SIHE_PORT": "1", "SIHE_HOME": "/", "SIHE_ZZZZZZZZZZZZ": "", "PATH": "/bin"}
    assert unknown_settings(given) == {
        "SIHE_ZZZZZZZZZZZZ": "SIHE_ZZZZZZZZZZZZ is not a setting and has no effect.",
        "SIHE_BASECURRENCY": ("SIHE_BASECURRENCY is not a setting and has no effect. Did you mean SIHE_BASE_CURRENCY?"),
    }


def test_an_invalid_setting_ends_the_process_with_an_error_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIHE_HOME", "/srv/sihe")
    monkeypatch.setenv("SIHE_TIME_ZONE", "Mars/X")
    assert main("crm", ModuleType("unused"), ["migrate"]) == 2
    assert capsys.readouterr().err == (
        "crm cannot migrate: SIHE_TIME_ZONE must be an IANA time zone such as Europe/Berlin, not 'Mars/X'.\n"
    )


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


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "admin"
    file.write_text("\n a key from a mounted file \n")
    assert (
        Settings.from_environment(REQUIRED | {"SIHE_ADMIN_KEY_FILE": str(file)}).admin_key
        == "a key from a mounted file"
    )
    url = tmp_path / "url"
    url.write_text("postgresql://erp:secret@db/erp")
    given = REQUIRED | {"SIHE_DATABASE_URL_FILE": str(url)}
    assert Settings.from_environment(given).database_url == "postgresql://erp:secret@db/erp"
    assert unknown_settings(given) == {}


def test_the_file_of_a_secret_is_judged_like_the_secret_itself(tmp_path: Path) -> None:
    short, missing = tmp_path / "short", tmp_path / "missing"
    short.write_text("too short")
    assert invalid_settings(REQUIRED | {"SIHE_ADMIN_KEY_FILE": str(short)}) == [f"SIHE_ADMIN_KEY {LONG_KEY}"]
    given = REQUIRED | {
        "SIHE_ADMIN_KEY_FILE": str(missing),
        "SIHE_NATS_URL_FILE": str(short),
        "SIHE_NATS_URL": "nats://x:1",
    }
    assert invalid_settings(given) == [
        "SIHE_NATS_URL and SIHE_NATS_URL_FILE are both set: set one of them.",
        f"SIHE_ADMIN_KEY_FILE must name a readable file, not '{missing}': No such file or directory.",
    ]


def test_only_secrets_are_read_from_files(tmp_path: Path) -> None:
    assert list(unknown_settings(REQUIRED | {"SIHE_BASE_CURRENCY_FILE": "/x"})) == ["SIHE_BASE_CURRENCY_FILE"]
