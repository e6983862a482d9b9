import subprocess
import sys
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
        (["audit", "rebuild"], "so there is nothing to read: set SIHE_HOME."),
        (["audit", "figures"], "so there is nothing to read: set SIHE_HOME."),
        (["import", "northwind", "."], "No such file"),
    ],
    ids=["up", "rebuild", "figures", "import"],
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


@pytest.mark.case("O7")
def test_a_home_without_its_stores_is_reported_with_what_is_missing(tmp_path: Path):
    home = Home(tmp_path / "home")
    home.keys.mkdir(parents=True)
    home.make_keys()
    done = CliRunner(env={"SIHE_HOME": str(home.folder)}).invoke(main, ["audit", "figures"])
    assert done.exit_code == 1
    assert "Error: The data in" in done.output
    assert "there is no event store of crm yet: run migrate first" in done.output


@pytest.mark.case("O9", "O12")
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (["PYTHON=true-python-2"], "Python 3.11 or newer is needed (true-python-2 is not one); name it: make PYTHON=…"),
        (["PYTHON="], "Python 3.11 or newer is needed; name it: make PYTHON=…"),
        ([f"PYTHON={sys.executable}", "PIP=false"], "The libraries could not be installed: see the reason above."),
    ],
    ids=["no Python", "none named", "no network"],
)
def test_make_states_what_an_environment_needs(tmp_path: Path, variables: list[str], sentence: str):
    root = Path(__file__).parents[3]
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    line = ["make", f"VENV={environment}", *variables, str(environment / ".ready")]
    done = subprocess.run(line, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (environment / ".ready").exists()
