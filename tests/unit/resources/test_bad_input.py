"""Invalid requests to every command and query of every resource."""

from pathlib import Path

import pytest

from tests.unit.resources import checks_input as checks
from tests.unit.resources.bodies import declared_lookups
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import RESOURCES, DeclaredResource, resources_that

CREATED = resources_that(lambda each: each.is_created_by_request)
NAMING = resources_that(lambda each: each.is_created_by_request and any(declared_lookups(each.create_schema)))
COMMANDED = resources_that(lambda each: any(route.is_command for route in each.routes.values()))


@pytest.mark.parametrize("declared", COMMANDED, ids=str)
def test_every_invalid_value_is_refused(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_every_invalid_value_is_refused(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_refused_requests_leave_no_trace(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_refused_requests_leave_no_trace(ResourceCaller(declared, tmp_path))


@pytest.mark.case("B41", "C2")
@pytest.mark.parametrize("declared", NAMING, ids=str)
def test_unknown_references_are_refused(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_unknown_references_are_refused(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", RESOURCES, ids=str)
def test_every_invalid_parameter_is_refused(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_every_invalid_parameter_is_refused(ResourceCaller(declared, tmp_path))
