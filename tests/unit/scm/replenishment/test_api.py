"""Changes of items over HTTP."""

import pytest

from tests.unit.scm.caller import problem_fields


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_an_item_changes_only_with_its_current_version(warehouse, version, status):
    warehouse.patch("/items/TOFU", {"name": "Tofu, firm"}, version, status)


def test_the_unit_of_an_item_does_not_change(warehouse):
    assert problem_fields(warehouse.patch("/items/TOFU", {"unit": "kg"}, 1, 422)) == {"/unit"}
