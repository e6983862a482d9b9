"""The table of needs has only what does not follow from declarations."""

from pathlib import Path

import pytest

from tests.unit.resources import needs
from tests.unit.resources.bodies import BODIES
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.declared import DeclaredResource, resources_that

NEEDY = resources_that(lambda each: each.is_created_by_request and str(each) in needs.NEEDS)


def test_every_need_is_that_of_a_resource() -> None:
    assert needs.NEEDS.keys() <= {str(each) for each in resources_that(lambda _: True)}


@pytest.mark.parametrize("declared", NEEDY, ids=str)
def test_without_its_need_a_valid_request_cannot_be_derived(
    declared: DeclaredResource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {name: need for name, need in needs.NEEDS.items() if name != str(declared)}
    monkeypatch.setattr(needs, "NEEDS", others)
    caller = ResourceCaller(declared, tmp_path)
    responses = (caller.post(declared.path, caller.body(number)) for number in range(len(BODIES)))
    assert any(each.status_code != 201 for each in responses), f"take {declared} out of NEEDS in {needs.__file__}"
