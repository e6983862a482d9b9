"""Duration of refusals: for callers restricted to their own records, it does not depend on what was refused."""

import time

STEP_SECONDS = 0.01
"""Longer than a refusal takes: loading a record of another owner, or finding that there is none."""


def wait_for_full_step(began: float) -> None:
    """Wait until a whole number of steps have passed since `began` (`time.perf_counter`)."""
    time.sleep((began - time.perf_counter()) % STEP_SECONDS)
