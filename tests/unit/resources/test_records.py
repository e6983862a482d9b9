"""Every resource whose records are created by a request, checked from its declaration."""

from pathlib import Path

import pytest

from tests.unit.resources import checks_records as checks
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_of, resources_that
from tests.unit.resources.depot import Depot

CREATED = resources_that(lambda each: each.is_created_by_request)
CHANGED = resources_that(lambda each: each.is_created_by_request and each.change is not None)
SWITCHED = resources_that(lambda each: each.can_be_deactivated)


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_a_new_record_is_shown_at_its_address(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_new_record_is_shown_at_its_address(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CHANGED, ids=str)
def test_a_change_affects_only_the_given_fields(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_change_affects_only_the_given_fields(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CHANGED, ids=str)
def test_fixed_and_unknown_fields_cannot_be_changed(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_fixed_and_unknown_fields_cannot_be_changed(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SWITCHED, ids=str)
def test_a_record_is_deactivated_and_reactivated(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_record_is_deactivated_and_reactivated(ResourceCaller(declared, tmp_path))


def test_a_change_of_whether_a_record_is_active_names_the_commands_for_it(tmp_path: Path) -> None:
    (bins,) = (each for each in resources_of(Depot) if str(each) == "depot.bins")
    caller = ResourceCaller(bins, tmp_path)
    response = caller.patch(caller.add(), {"active": False}, 1)
    (refused,) = response.json["errors"]
    assert (response.status_code, refused["pointer"]) == (422, "/active")
    assert refused["detail"] == "active is changed by the commands deactivate and reactivate."
