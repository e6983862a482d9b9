"""Batches and sheets of every resource that has them."""

from pathlib import Path

import pytest

from tests.unit.resources import checks_batches, checks_sheets
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_that

CREATED = resources_that(lambda each: each.is_created_by_request)
LISTED = resources_that(lambda each: each.is_listed)
SHEETS = resources_that(lambda each: each.is_exchanged_as_sheets)


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_a_batch_creates_valid_items_and_refuses_others(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_batches.check_batch_creates_valid_items_and_refuses_others(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_an_atomic_batch_creates_all_or_none(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_batches.check_atomic_batch_creates_all_or_none(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", CREATED, ids=str)
def test_a_refused_batch_takes_no_number(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_batches.check_refused_batch_takes_no_number(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_an_export_has_all_rows_and_columns(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_export_has_all_rows_and_columns(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_an_export_has_the_filtered_rows(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_export_has_the_filtered_rows(ResourceCaller(declared, tmp_path))


@pytest.mark.case("A10")
@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_a_list_as_a_sheet_has_the_same_rows(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_list_as_sheet_has_the_same_rows(ResourceCaller(declared, tmp_path))


@pytest.mark.case("A10")
@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_a_list_as_a_sheet_has_the_filtered_rows(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_list_as_sheet_has_the_filtered_rows(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", LISTED, ids=str)
def test_a_sheet_has_no_pages(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_sheet_has_no_pages(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_a_template_has_only_the_columns(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_template_has_only_the_columns(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_an_imported_export_gives_the_same_rows(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_import_of_an_export_gives_the_same_rows(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_a_dry_run_stores_nothing(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_dry_run_stores_nothing(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_a_sheet_with_an_invalid_row_is_refused(declared: DeclaredResource, tmp_path: Path) -> None:
    checks_sheets.check_sheet_with_an_invalid_row_is_refused(ResourceCaller(declared, tmp_path))
