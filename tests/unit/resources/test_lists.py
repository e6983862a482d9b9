"""The list of every resource, checked from the columns and search fields of its projection."""

from enum import StrEnum
from pathlib import Path

import pytest

from shared.projections.column_types import without_none
from shared.web.lists import ListEndpoint
from tests.unit.resources import checks_lists as checks
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_that

WITH_FIXED_VALUES = resources_that(
    lambda each: each.is_listed and bool(checks.choices_of(ListEndpoint(each.projection)))
)
LISTED = resources_that(lambda each: each.is_listed)
SEARCHED = resources_that(lambda each: each.is_listed and bool(each.projection.search))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_the_list_shows_every_record(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_list_shows_every_record(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_filters_select_the_rows_with_a_value(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_filters_select_the_rows_with_a_value(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_invalid_parameters_are_refused(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_invalid_parameters_are_refused(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", WITH_FIXED_VALUES, ids=str)
def test_filters_with_fixed_values_name_them(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_filters_with_fixed_values_name_them(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_states_are_filtered_by_one_of_an_enumeration(declared: DeclaredResource) -> None:
    status = without_none(declared.projection.columns.get("status", StrEnum))
    assert issubclass(status, StrEnum), f"{declared}: an unknown status would find nothing instead of being refused"


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_the_list_is_sorted_by_every_column(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_list_is_sorted_by_every_column(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_pages_show_every_row_once(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_pages_show_every_row_once(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_groups_add_up_to_the_list(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_groups_add_up_to_the_list(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_a_cursor_belongs_to_its_query(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_cursor_belongs_to_its_query(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SEARCHED, ids=str)
def test_a_search_finds_rows_by_their_words(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_search_finds_rows_by_their_words(ResourceCaller(declared, tmp_path))
