"""Every aggregate with declared states refuses each command in all others, and its resource knows its commands.

Aggregates in their states are in `states.py` of the tests of a module. Without an example a refusal is tested with a
stand-in that has only the state.
"""

from enum import StrEnum
from importlib import import_module
from itertools import product
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from docs.generate import read_everything
from docs.state_tables import aggregates_with_states
from shared.config import SERVICES
from shared.domain import Aggregate, WrongStatus, state_table
from shared.testing import new_events
from shared.web import Resource, resources_of_modules
from tests.architecture.how_to import ROOT
from tests.unit.state_examples import StateExamples

Case = tuple[type[Aggregate], StrEnum, str]


def examples_of_modules() -> dict[type[Aggregate], StateExamples]:
    """Return the examples in all files `states.py`."""
    files = sorted(ROOT.glob("tests/unit/*/*/states.py"))
    names = [".".join(each.relative_to(ROOT).with_suffix("").parts) for each in files]
    return {kind: each for name in names for kind, each in import_module(name).EXAMPLES.items()}


def cases(*, allowed: bool) -> list[Case]:
    """Return every aggregate class with each of its states and each command that is allowed in it, or is not."""
    return [
        (kind, state, command)
        for kind in AGGREGATES
        for state, command in product(state_table(kind).states, state_table(kind).commands)
        if state_table(kind).allows(command, state) == allowed
    ]


def resources_with_states() -> list[Resource]:
    """Return the resources of all services whose aggregate has a state table."""
    classes = [getattr(import_module(f"services.{each}.service"), each.capitalize()) for each in SERVICES]
    every = [resource for each in classes for resource in resources_of_modules(each)]
    return [each for each in every if (rows := each.record_commands.rows) and rows.aggregate_class in AGGREGATES]


read_everything()
AGGREGATES = list(aggregates_with_states(SERVICES))
EXAMPLES = examples_of_modules()
WITH_EXAMPLES = [each for each in cases(allowed=True) if each[0] in EXAMPLES]


def words_of(state: StrEnum) -> str:
    return state.replace("_", " ")


def case_name(part: Any) -> str:
    return getattr(part, "NAME", None) or str(part)


@pytest.mark.parametrize(("kind", "state", "command"), cases(allowed=False), ids=case_name)
def test_a_command_is_refused_in_every_state_that_does_not_allow_it(
    kind: type[Aggregate], state: StrEnum, command: str
) -> None:
    if kind not in EXAMPLES:
        with pytest.raises(WrongStatus, match=f" is {words_of(state)}; "):
            getattr(kind, command)(SimpleNamespace(id=uuid4(), status=state))
        return
    aggregate = EXAMPLES[kind].in_state[state]()
    with pytest.raises(WrongStatus, match=f" is {words_of(state)}{EXAMPLES[kind].refusal}"):
        EXAMPLES[kind].commands[command](aggregate)
    assert new_events(aggregate) == []


@pytest.mark.parametrize(("kind", "state", "command"), WITH_EXAMPLES, ids=case_name)
def test_a_command_is_executed_in_every_state_that_allows_it(
    kind: type[Aggregate], state: StrEnum, command: str
) -> None:
    EXAMPLES[kind].commands[command](EXAMPLES[kind].in_state[state]())


@pytest.mark.parametrize("kind", EXAMPLES, ids=case_name)
def test_the_examples_have_every_state_and_every_command(kind: type[Aggregate]) -> None:
    examples, table = EXAMPLES[kind], state_table(kind)
    assert (set(examples.in_state), set(examples.commands)) == (set(table.states), set(table.commands))
    reached = {state: create().status for state, create in examples.in_state.items()}
    assert reached == {state: state for state in table.states}


@pytest.mark.parametrize("resource", resources_with_states(), ids=case_name)
def test_every_command_of_a_resource_is_in_the_state_table_of_its_aggregate(resource: Resource) -> None:
    rows = resource.record_commands.rows
    assert rows is not None
    methods = {each.method for each in resource.record_commands.declared}
    assert methods - state_table(rows.aggregate_class).commands.keys() == set(), "declare it with @allowed_in(*Status)"
    assert "status" in rows.columns
