"""Unique values of every resource that has one: codes, SKUs and document numbers."""

import re
from pathlib import Path

import pytest

from shared.domain.errors import class_words
from shared.web.resource import OWN_PATHS
from tests.unit.resources import checks_unique as checks
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_that

UNIQUE = resources_that(lambda each: each.has_unique_field)
SHEETS = resources_that(lambda each: each.has_unique_field and each.is_exchanged_as_sheets)
ADDRESSES = resources_that(lambda each: each.is_addressed_by_unique_field)
BY_KEY = resources_that(lambda each: each.has_own_records and getattr(each.projection, "is_addressed_by_key", False))
STORED_NAMES = Path(__file__).parents[3] / "docs" / "stored-names.md"
OTHER_NAMESPACES = {
    "warehouse.ordinal", "legal_entity.entity", "access_key.name", "access_key.person",
    "opened_customer_invoice.number",
}  # fmt: skip
"""Namespaces of values that no request contains, that no resource of a service has, or that stand in its lines."""


def test_every_kind_of_unique_value_is_checked() -> None:
    stored = set(re.findall(r"\| unique value \| `([^`]+)` \|", STORED_NAMES.read_text(encoding="utf-8")))
    assert {namespace_of(each) for each in UNIQUE} | OTHER_NAMESPACES == stored


def namespace_of(declared: DeclaredResource) -> str:
    """Return the namespace of the unique value of a resource, such as `sales_order.number`."""
    words = class_words(declared.aggregate_class.__name__)
    return f"{words.replace(' ', '_')}.{declared.unique_field}"


@pytest.mark.parametrize("declared", UNIQUE, ids=str)
def test_a_value_in_another_spelling_is_taken(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_value_in_another_spelling_is_taken(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", UNIQUE, ids=str)
def test_a_batch_refuses_the_second_spelling_of_a_value(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_batch_refuses_the_second_spelling_of_a_value(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", SHEETS, ids=str)
def test_a_sheet_refuses_the_second_spelling_of_a_value(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_sheet_refuses_the_second_spelling_of_a_value(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", ADDRESSES, ids=str)
def test_a_value_that_is_an_address_is_no_other_path(declared: DeclaredResource, tmp_path: Path) -> None:
    checks.check_value_is_no_other_path(ResourceCaller(declared, tmp_path))


@pytest.mark.parametrize("declared", BY_KEY, ids=str)
def test_a_resource_addressed_by_key_has_no_path_that_is_not_reserved(declared: DeclaredResource) -> None:
    assert set(declared.own_paths) <= set(OWN_PATHS)
