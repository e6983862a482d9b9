"""Readiness of a store: it writes, but does not commit for every probe."""

import pytest

from shared.store import StoreError
from shared.store.write_probe import PAUSE_SECONDS, WriteProbe


class Disk:
    """A disk that counts commits and can be full; without a commit that may remain unnoticed."""

    def __init__(self) -> None:
        self.is_full = False
        self.commits = 0
        self.now = 0.0
        self.probe = WriteProbe(self.write, lambda: self.now)

    def write(self, *, commits: bool) -> None:
        self.commits += commits
        if self.is_full and commits:
            raise StoreError("the disk is full")


@pytest.mark.case("X14")
def test_many_probes_share_one_commit() -> None:
    disk = Disk()
    for _ in range(100):
        disk.probe.require_success()
    assert disk.commits == 1
    disk.now += PAUSE_SECONDS
    disk.probe.require_success()
    assert disk.commits == 2


@pytest.mark.case("X14")
def test_a_store_is_not_ready_while_its_disk_is_full_and_ready_at_once_afterwards() -> None:
    disk = Disk()
    disk.is_full = True
    for _ in range(2):
        with pytest.raises(StoreError, match="the disk is full"):
            disk.probe.require_success()
    disk.is_full = False
    disk.probe.require_success()
