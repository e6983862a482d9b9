"""Idempotency keys, versions and states of the commands of every resource."""

from pathlib import Path

import pytest

from tests.unit.resources import checks_commands as checks
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_that

CREATED = resources_that(lambda each: each.is_created_by_request)
CHANGED = resources_that(lambda each: each.is_created_by_request and each.change is not None)
SWITCHED = resources_that(lambda each: each.can_be_deactivated)
BY_STATUS = resources_that(lambda each: each.has_commands_by_status)


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_a_repeated_request_returns_the_first_response(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_repeated_request_returns_the_first_response(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_an_idempotency_key_belongs_to_one_request(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_key_belongs_to_one_request(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CHANGED, ids=str)
def test_a_change_needs_the_current_version(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_change_needs_the_current_version(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_a_stale_version_refuses_every_command(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_stale_version_refuses_every_command(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", BY_STATUS, ids=str)
def test_the_allowed_commands_follow_the_status(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_allowed_commands_follow_the_status(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SWITCHED, ids=str)
def test_the_allowed_commands_have_an_effect(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_allowed_commands_have_an_effect(ResourceCaller(declared, tmp_path))
