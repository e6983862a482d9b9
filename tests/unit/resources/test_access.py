"""Rights on every resource: permissions at the gateway, and records that belong to an owner."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.resources import checks_access as checks
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import RESOURCES, DeclaredResource, resources_that

OWNED = resources_that(lambda each: each.is_owned and each.is_created_by_request)
OWNED_THROUGH_ANOTHER = [each for each in OWNED if isinstance(each.projection.owned_by, tuple)]


def owners(declared: DeclaredResource, folder: Path) -> tuple[ResourceCaller, ResourceCaller]:
    """Return two callers of one service who are limited to their own records."""
    caller = ResourceCaller(declared, folder)
    return caller.as_owner("anna"), caller.as_owner("bob")


@pytest.mark.parametrize("declared", RESOURCES, ids=str)
def test_every_route_needs_its_permission(declared: DeclaredResource, gateway: Any) -> None:
    checks.check_every_route_needs_its_permission(declared, gateway)


@pytest.mark.parametrize("declared", OWNED, ids=str)
def test_records_of_another_owner_are_hidden(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_records_of_another_owner_are_hidden(*owners(declared, tmp_path))


@pytest.mark.parametrize("declared", OWNED, ids=str)
def test_records_of_another_owner_cannot_be_changed(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_records_of_another_owner_cannot_be_changed(*owners(declared, tmp_path))


@pytest.mark.parametrize("declared", OWNED_THROUGH_ANOTHER, ids=str)
def test_records_of_another_owner_cannot_be_named(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_records_of_another_owner_cannot_be_named(*owners(declared, tmp_path))


@pytest.mark.parametrize("declared", RESOURCES, ids=str)
def test_limited_callers_need_an_owner(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_limited_callers_need_an_owner(ResourceCaller(declared, tmp_path))
