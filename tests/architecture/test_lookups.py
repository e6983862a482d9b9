"""Every field that names a record declares an existing resource, and a field that its records have."""

from collections.abc import Iterator
from functools import cache

import pytest

from shared.fields import Lookup
from tests.unit.resources.bodies import declared_lookups
from tests.unit.resources.declared import RESOURCES


@cache
def lookups() -> list[tuple[str, Lookup]]:
    return sorted(set(_lookups()), key=str)


def _lookups() -> Iterator[tuple[str, Lookup]]:
    for each in RESOURCES:
        for route in each.routes.values():
            for place, declared in declared_lookups(route.schema):
                assert declared.lookup
                yield f"{each} {'.'.join(place)}", declared.lookup


@pytest.mark.parametrize(("place", "lookup"), lookups(), ids=str)
def test_a_lookup_names_a_resource_and_one_of_its_fields(place: str, lookup: Lookup) -> None:
    known = {str(each): each for each in RESOURCES}
    assert lookup.resource in known, f"{place}: unknown resource {lookup.resource}. Known: {', '.join(sorted(known))}."
    found = known[lookup.resource]
    if found.has_own_records:
        fields = {"id", *found.projection.column_types()}
        assert lookup.by in fields, f"{place}: {lookup.resource} has no field {lookup.by}"
