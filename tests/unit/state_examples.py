"""Examples by which the state table of an aggregate is tested."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class StateExamples:
    """How to create the aggregate in each of its states, how to call each of its commands, and how it is refused.

    `refusal` is a pattern of what follows the state in the text of a refusal.
    """

    in_state: Mapping[StrEnum, Callable[[], Any]]
    commands: Mapping[str, Callable[[Any], Any]]
    refusal: str = "; "
