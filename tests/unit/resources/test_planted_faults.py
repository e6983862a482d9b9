"""Each check passes on a small sound service, and fails on the same service with a fault that it is there to find."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.resources import (
    checks_access,
    checks_batches,
    checks_commands,
    checks_input,
    checks_lists,
    checks_records,
    checks_sheets,
    checks_unique,
)
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import RESOURCES, resources_of
from tests.unit.resources.depot import Depot
from tests.unit.resources.fault import Check, Fault
from tests.unit.resources.planted_faults import FAULTS

DECLARED = {str(each): each for each in [*RESOURCES, *resources_of(Depot)]}
MODULES = (
    checks_access, checks_batches, checks_commands, checks_input, checks_lists, checks_records, checks_sheets,
    checks_unique,
)  # fmt: skip
CHECKS = {each for module in MODULES for name, each in vars(module).items() if name.startswith("check_")}
FOUND = sorted({(each.check, each.resource) for each in FAULTS}, key=lambda pair: (pair[0].__name__, pair[1]))


def arguments_of(check: Check, resource: str, folder: Path, gateway: Any) -> Sequence[Any]:
    """Return what a check takes: a resource and the gateway, two owners, or a caller."""
    if check is checks_access.check_every_route_needs_its_permission:
        return DECLARED[resource], gateway
    caller = ResourceCaller(DECLARED[resource], folder)
    takes_owners = "another_owner" in check.__name__
    return (caller.as_owner("anna"), caller.as_owner("bob")) if takes_owners else (caller,)


def test_every_check_has_a_fault_to_find() -> None:
    assert {each.check for each in FAULTS} == CHECKS


@pytest.mark.parametrize(("check", "resource"), FOUND, ids=lambda each: getattr(each, "__name__", each))
def test_a_sound_service_passes(check: Check, resource: str, tmp_path: Path, gateway: Any) -> None:
    check(*arguments_of(check, resource, tmp_path, gateway))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_is_found(fault: Fault, tmp_path: Path, gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = arguments_of(fault.check, fault.resource, tmp_path, gateway)
    fault.plant(monkeypatch)
    with pytest.raises(AssertionError):
        fault.check(*arguments)
