"""How much of its usual work a round of each row does, so that seven pairs of all rows stay below 25 minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Plan:
    """The share of the usual work, and the seconds that a round took when the share was chosen."""

    share: float = 1.0
    seconds: float = 10.0


PLANS: Mapping[str, Plan] = {
    "sqlite": Plan(0.5, 6),
    "postgres": Plan(0.25, 12),
    "create": Plan(0.5, 10),
    "bus": Plan(0.5, 9),
    "reaction": Plan(0.7, 11),
    "read": Plan(0.7, 10),
    "rebuild": Plan(1, 5),
    "linear": Plan(0.25, 12),
    "ledger": Plan(0.25, 10),
    "late": Plan(0.25, 8),
    "history": Plan(0.5, 3),
    "cash": Plan(0.5, 16),
    "fresh": Plan(1, 3),
}


def plan_of(row: str, share: float | None) -> Plan:
    """Return the plan of a row; a share given by the user replaces its own. Its seconds stay: most rows spend them on
    starting what they measure."""
    plan = PLANS.get(row, Plan())
    return plan if share is None else replace(plan, share=share)
