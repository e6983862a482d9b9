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


def test_the_home_of_a_killed_suite_can_be_locked_again(home: Home) -> None:
    lock = "import os, sys; from pathlib import Path; from cli.home import Home; Home(Path(sys.argv[1])).lock()"
    killed = subprocess.run([sys.executable, "-c", f"{lock}; os._exit(9)", str(home.folder)], check=False)
    assert killed.returncode == 9
    home.lock()
    home.unlock()


def test_running_processes_are_known_only_while_the_home_is_locked(home: Home) -> None:
    assert home.read_running_or_none() is None
    home.lock()
    home.write_running({"port": 1})
    assert Home(home.folder).read_running_or_none() == {"port": 1}
    home.unlock()
    assert home.read_running_or_none() is None


def test_keys_are_created_once_and_readable_by_the_owner_only(home: Home) -> None:
    home.lock()
    home.make_keys()
    made = {file.name: file.read_text() for file in home.keys.iterdir() if file.name != "jwks.json"}
    home.make_keys()
    home.unlock()
    assert {"crm.seed", "gateway.seed", "erp.secret"} <= made.keys()
    assert {file.name: file.read_text() for file in home.keys.iterdir() if file.name in made} == made
    assert {stat.S_IMODE((home.keys / name).stat().st_mode) for name in made} == {0o600}
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700


def test_socket_paths_are_short_for_a_deeply_nested_home(tmp_path: Path) -> None:
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
