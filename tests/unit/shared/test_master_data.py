"""A declaration of master data that contradicts itself is refused where it is made."""

from dataclasses import dataclass
from typing import Any

import pytest

from shared.fields import Code, Text
from shared.master_data import master


@dataclass(frozen=True, kw_only=True)
class GateEntry:
    """A gate of a yard."""

    code: Code
    name: Text


@dataclass
class RampEntry:
    """A ramp of a yard, which code could change by mistake."""

    code: Code


def test_an_entry_that_is_not_frozen_is_refused() -> None:
    with pytest.raises(TypeError, match="RampEntry is no frozen dataclass"):
        master(RampEntry, path="ramps")


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"search": ("code", "nmae")}, "`search` names the unknown field 'nmae'"),
        ({"unique": "number"}, "`unique` names the unknown field 'number'"),
        ({"fixed": ("side",)}, "`fixed` names the unknown field 'side'"),
    ],
)
def test_an_option_that_names_an_unknown_field_is_refused(options: dict[str, Any], detail: str) -> None:
    with pytest.raises(TypeError) as refused:
        master(GateEntry, path="gates", **options)
    assert str(refused.value) == f"master data of GateEntry: {detail}. Fields: code, name."
