from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.home import Home
from cli.main import main
from cli.up import _greeting


def test_the_greeting_shows_the_file_of_the_admin_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SIHE_ADMIN_KEY", raising=False)
    greeting = _greeting(Home(tmp_path), 8080, 1.0)
    assert f"admin key   {tmp_path / 'admin.key'}" in greeting
    assert "http://127.0.0.1:8080/docs" in greeting


@pytest.mark.case("E8")
def test_the_greeting_offers_what_a_person_sees_first(tmp_path: Path):
    _, _, next_steps = _greeting(Home(tmp_path), 8080, 1.0).partition("Try next")
    for step in ("/docs", "make demo", "A first order"):
        assert step in next_steps
    assert "ops/lag" not in next_steps


def test_the_greeting_names_no_key_file_if_the_environment_has_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIHE_ADMIN_KEY", "0123456789abcdef")
    greeting = _greeting(Home(tmp_path), 8080, 1.0)
    assert "admin.key" not in greeting
    assert "0123456789abcdef" not in greeting
    assert "admin key   value of SIHE_ADMIN_KEY" in greeting


@pytest.mark.case("O7", "O9")
@pytest.mark.parametrize(
    ("arguments", "stated"),
    [
        (["up"], "cannot be used"),
        (["audit", "rebuild"], "cannot be read"),
        (["import", "northwind", "."], "No such file"),
    ],
    ids=["up", "audit", "import"],
)
def test_an_unusable_folder_is_reported_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], stated: str
):
    home = tmp_path / "home"
    home.write_text("a file")
    monkeypatch.chdir(tmp_path)
    variables = {"SIHE_HOME": str(home), "SIHE_PORT": "0", "SIHE_ADMIN_KEY": "0123456789abcdef"}
    done = CliRunner(env=variables).invoke(main, arguments)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert "Error: " in done.output
    assert stated in done.output
