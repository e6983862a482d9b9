"""State table of an aggregate: which command is allowed in which of its states, declared on the methods that decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from shared.domain.context import current_context
from shared.domain.errors import WrongStatus, record_words

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")

Refusal = Callable[[Any], WrongStatus]
"""Return the error that an aggregate in a wrong state raises."""

_STATE_RULE = "state_rule"
"""Attribute of methods that decide: the states in which they are allowed."""


@dataclass(frozen=True)
class StateRule:
    """The states in which a command is allowed, and the refusal in others; none if it then has no effect."""

    allowed: frozenset[Any]
    refusal: Refusal | None

    def allows(self, aggregate: Any) -> bool:
        """Return whether the command is allowed in the current state of the aggregate."""
        return aggregate.status in self.allowed

    def check(self, aggregate: Any) -> None:
        """Raise WrongStatus if the command is refused in the current state of the aggregate."""
        if self.refusal and not self.allows(aggregate):
            raise self.refusal(aggregate)


def _usual_refusal(command: str, *states: StrEnum) -> Refusal:
    """Return the refusal that names the record, its state and those that allow the command.

    The API adds which commands are possible in its state.
    """
    *others, last = map(_state_words, sorted(states, key=list(type(states[0])).index))
    wanted = f"{', '.join(others)} or {last}" if others else last
    purpose = f"for '{command.replace('_', ' ')}'" if "_" in command else f"to {command} it,"

    def refusal(aggregate: Any) -> WrongStatus:
        record = record_words(aggregate)
        state = _state_words(aggregate.status)
        return WrongStatus(f"{record[0].upper()}{record[1:]} is {state}; {purpose} it must be {wanted}", field="status")

    return refusal


def _state_words(state: StrEnum) -> str:
    return state.replace("_", " ")


def allowed_in(
    *states: StrEnum, refusal: Refusal | None = None, on_any_day: bool = False
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Decorate a method that decides: in other states of the aggregate it raises WrongStatus, and its body is not run.

    It raises DatedBefore if a person dated the command before the record, unless it may happen `on_any_day`: it then
    follows from a command on other records, as when goods that arrived earlier are reserved for an order.

    `refusal`: the error, if it is not the usual one, which names all these states.
    The name of the method is the command's.
    Do not use it on a method that applies an event: it would run again at every replay.
    """

    def declare(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        rule = StateRule(frozenset(states), refusal or _usual_refusal(method.__name__, *states))

        @wraps(method)
        def decide(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            rule.check(self)
            if not on_any_day:
                current_context.get().check_date(self)
            return method(self, *args, **kwargs)

        decide.__dict__[_STATE_RULE] = rule
        return decide

    return declare


def effective_in(*states: StrEnum) -> Callable[[Callable[Concatenate[S, P], None]], Callable[Concatenate[S, P], None]]:
    """Decorate a method that decides: in other states of the aggregate it is accepted, and its body is not run."""
    rule = StateRule(frozenset(states), None)

    def declare(method: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
        @wraps(method)
        def decide(self: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
            if rule.allows(self):
                method(self, *args, **kwargs)

        decide.__dict__[_STATE_RULE] = rule
        return decide

    return declare


def state_rule_of(aggregate_class: type, command: str) -> StateRule:
    """Return the rule that is declared for a command of an aggregate class."""
    rule: StateRule = getattr(aggregate_class, command).__dict__[_STATE_RULE]
    return rule


@dataclass(frozen=True)
class StateTable:
    """The states of an aggregate in the order of their enumeration, and the states in which each command is allowed.

    It is empty if no method of the aggregate declares states.
    """

    states: tuple[StrEnum, ...] = ()
    commands: Mapping[str, frozenset[StrEnum]] = field(default_factory=dict)

    def allows(self, command: str, state: str | None) -> bool:
        """Return whether a command is allowed in a state; one that is not in the table is allowed in every state."""
        return command not in self.commands or state in self.commands[command]

    @property
    def end_states(self) -> frozenset[StrEnum]:
        """The states in which no command is allowed any more; events may still change them."""
        return frozenset(self.states).difference(*self.commands.values())


@cache
def state_table(aggregate_class: type) -> StateTable:
    """Return the table of an aggregate class. Raises TypeError if its commands declare states of two enumerations."""
    members = {name: each for kind in reversed(aggregate_class.__mro__) for name, each in vars(kind).items()}
    rules = {name: getattr(each, _STATE_RULE).allowed for name, each in members.items() if hasattr(each, _STATE_RULE)}
    enumerations = {type(state) for allowed in rules.values() for state in allowed}
    if len(enumerations) > 1:
        raise TypeError(f"{aggregate_class.__qualname__}: the states of all commands must be of one enumeration")
    return StateTable(tuple(state for each in enumerations for state in each), rules)
