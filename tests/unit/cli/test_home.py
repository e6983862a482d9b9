import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli.home import Home, HomeInUse
from cli.suite import PortInUse, Suite


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_home_belongs_to_one_suite(home: Home) -> None:
    home.lock()
    home.write_running({"port": 8123})
    with pytest.raises(HomeInUse, match=rf"process {os.getpid()}, http://127.0.0.1:8123"):
        Home(home.folder).lock()
    home.unlock()
    again = Home(home.folder)
    again.lock()
    again.unlock()


def test_a_home_whose_suite_was_killed_is_free(home: Home) -> None:
    take = "import sys, os; from pathlib import Path; from cli.home import Home; Home(Path(sys.argv[1])).take()"
    subprocess.run([sys.executable, "-c", f"{take}; os._exit(9)", str(home.folder)], check=False)
    home.lock()
    home.unlock()


def test_who_runs_is_known_only_while_they_run(home: Home) -> None:
    assert home.read_running_or_none() is None
    home.lock()
    home.write_running({"port": 1})
    assert Home(home.folder).read_running_or_none() == {"port": 1}
    home.unlock()
    assert home.read_running_or_none() is None


def test_keys_are_made_once_and_for_the_owner_only(home: Home) -> None:
    home.lock()
    home.make_keys()
    made = {file.name: file.read_text() for file in home.keys.iterdir() if file.name != "jwks.json"}
    home.make_keys()
    home.unlock()
    assert {"crm.seed", "gateway.seed", "erp.secret"} <= made.keys()
    assert {file.name: file.read_text() for file in home.keys.iterdir() if file.name in made} == made
    assert {stat.S_IMODE((home.keys / name).stat().st_mode) for name in made} == {0o600}
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700


def test_sockets_have_short_names_however_deep_the_home_is(tmp_path: Path) -> None:
    deep = Home(tmp_path.joinpath(*["a rather long name of a folder"] * 5))
    assert len(os.fsencode(deep.sockets / "crm.wakeup")) < 100


def test_two_suites_do_not_share_a_port(home: Home) -> None:
    home.lock()
    first = Suite(home, 0)
    with pytest.raises(PortInUse, match=f"Port {first.port} is in use"):
        Suite(home, first.port)
    assert len({first.port, *first.ports.values()}) == 10
    first.close()
    home.unlock()
