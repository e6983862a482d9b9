"""State tables: a command is refused in all states but those that its method declares."""

from enum import StrEnum

import pytest

from shared.domain import Aggregate, WrongStatus, allowed_in, effective_in, event, state_table
from shared.testing import given, new_events

BRICKED_UP = "^The gate is bricked up; for 'brick up' it must be open, closed or locked$"


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"
    BRICKED_UP = "bricked_up"


class Gate(Aggregate):
    """A gate whose state follows from what it has: a lock and bricks."""

    @event("Built")
    def __init__(self) -> None:
        self.is_closed = self.is_locked = self.has_bricks = False

    @property
    def status(self) -> Status:
        if self.has_bricks:
            return Status.BRICKED_UP
        return Status.LOCKED if self.is_locked else Status.CLOSED if self.is_closed else Status.OPEN

    @allowed_in(Status.OPEN)
    def close(self) -> None:
        """Close it."""
        self._closed()

    @allowed_in(Status.CLOSED)
    def lock(self, key: str, *, turns: int = 1) -> int:
        """Lock it. Return how often the key was turned."""
        self._locked(key=key)
        return turns

    @allowed_in(Status.LOCKED, Status.OPEN, Status.CLOSED)
    def brick_up(self) -> None:
        self._require_allowed("brick_up")
        self._bricked_up()

    @allowed_in(Status.LOCKED, refusal=lambda gate: WrongStatus(f"no lock holds the {gate.status} gate", field="lock"))
    def unlock(self) -> None:
        """Unlock it."""

    @effective_in(Status.CLOSED)
    def open(self) -> None:
        """Open it; without effect unless it is closed."""
        self._opened()

    @event("Opened")
    def _opened(self) -> None:
        self.is_closed = False

    @event("Closed")
    def _closed(self) -> None:
        self.is_closed = True

    @event("Locked")
    def _locked(self, key: str) -> None:
        self.is_locked = True

    @event("BrickedUp")
    def _bricked_up(self) -> None:
        self.has_bricks = True


class Wall(Aggregate):
    """An aggregate without states."""

    @event("Built")
    def __init__(self) -> None:
        """Build it."""


def test_a_command_is_executed_in_a_state_that_allows_it():
    gate = given(Gate(), Gate.close)
    assert gate.lock("iron", turns=2) == 2
    assert new_events(gate) == [("Locked", {"key": "iron"})]


def test_in_other_states_it_is_refused_before_its_body_is_run():
    gate = given(Gate(), Gate.close)
    with pytest.raises(WrongStatus) as refused:
        gate.close()
    assert (str(refused.value), refused.value.field) == (
        "The gate is closed; to close it, it must be open",
        "status",
    )
    assert new_events(gate) == []


def test_a_refusal_names_all_states_that_allow_the_command_in_their_order():
    gate = given(Gate(), Gate.brick_up)
    with pytest.raises(WrongStatus, match=BRICKED_UP):
        gate.brick_up()


def test_a_refusal_may_be_of_its_own():
    with pytest.raises(WrongStatus, match=r"^no lock holds the closed gate$") as refused:
        given(Gate(), Gate.close).unlock()
    assert refused.value.field == "lock"


def test_a_command_may_have_no_effect_in_other_states():
    gate = given(Gate())
    gate.open()
    assert new_events(gate) == []
    given(gate, Gate.close).open()
    assert new_events(gate) == [("Opened", {})]


def test_a_check_ahead_of_a_command_refuses_as_the_command():
    with pytest.raises(WrongStatus, match=BRICKED_UP):
        given(Gate(), Gate.brick_up)._require_allowed("brick_up")


def test_the_table_has_all_states_and_the_declared_commands():
    table = state_table(Gate)
    assert table.states == tuple(Status)
    assert list(table.commands) == ["close", "lock", "brick_up", "unlock", "open"]
    assert table.commands["lock"] == table.commands["open"] == {Status.CLOSED}
    assert table.end_states == {Status.BRICKED_UP}


def test_the_table_allows_by_the_text_of_a_state_and_allows_every_other_command():
    table = state_table(Gate)
    assert (table.allows("lock", "closed"), table.allows("lock", "open"), table.allows("lock", None)) == (
        True,
        False,
        False,
    )
    assert table.allows("paint", "bricked_up")


def test_an_aggregate_without_declared_states_has_an_empty_table():
    table = state_table(Wall)
    assert (table.states, table.commands, table.end_states) == ((), {}, frozenset())
    assert table.allows("paint", None)


class Lamp:
    """A class of its own: aggregates are not derived from aggregates, but from abstract base classes."""

    status = Status.OPEN

    @allowed_in(Status.OPEN)
    def light(self) -> None:
        """Light it."""

    @allowed_in(Status.OPEN)
    def dim(self) -> None:
        """Dim it."""


def test_commands_are_inherited_and_an_overridden_one_declares_its_states_again():
    class Lantern(Lamp):
        def light(self) -> None:
            """Light it in every state."""

    assert list(state_table(Lantern).commands) == ["dim"]


def test_states_of_two_enumerations_are_refused():
    class Mood(StrEnum):
        GLAD = "glad"

    class Candle(Lamp):
        @allowed_in(Mood.GLAD)
        def sing(self) -> None:
            """Sing."""

    with pytest.raises(TypeError, match="one enumeration"):
        state_table(Candle)


def test_the_name_and_the_text_of_the_method_are_kept():
    assert (Gate.lock.__name__, Gate.close.__doc__) == ("lock", "Close it.")
