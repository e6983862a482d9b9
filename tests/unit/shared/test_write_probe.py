"""Readiness of a store: it writes, but not for every probe."""

import pytest

from shared.store import StoreError
from shared.store.write_probe import FAILURE_SECONDS, SUCCESS_SECONDS, WriteProbe


class Disk:
    """A disk that counts writes and can be full."""

    def __init__(self) -> None:
        self.is_full = False
        self.writes = 0
        self.now = 0.0
        self.probe = WriteProbe(self.write, lambda: self.now)

    def write(self) -> None:
        self.writes += 1
        if self.is_full:
            raise StoreError("the disk is full")


@pytest.mark.case("X14")
def test_many_probes_share_one_write() -> None:
    disk = Disk()
    for _ in range(100):
        disk.probe.require_success()
    assert disk.writes == 1
    disk.now += SUCCESS_SECONDS
    disk.probe.require_success()
    assert disk.writes == 2


@pytest.mark.case("X14")
def test_a_store_is_not_ready_while_its_disk_is_full_and_ready_soon_afterwards() -> None:
    disk = Disk()
    disk.is_full = True
    for _ in range(2):
        with pytest.raises(StoreError, match="the disk is full"):
            disk.probe.require_success()
    disk.is_full = False
    disk.now += FAILURE_SECONDS
    disk.probe.require_success()
