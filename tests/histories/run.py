"""`make histories`: long runs of random histories against the oracle, with the number of figures compared.

python -m tests.histories.run --seeds 0-999 --steps 60
python -m tests.histories.run --seeds 0-2 --processes     in the real processes of a suite
"""

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from traceback import format_exc

from shared.telemetry import configure_logging
from tests.flows.firm import deliver_in_order, deliver_out_of_order
from tests.histories.desks import open_history_desk, open_running_desk
from tests.histories.history import Disagreement, History


def run_history(seed: int, steps: int, *, in_processes: bool = False) -> History:
    """Return a history that agrees with the oracle; in one process, messages of odd seeds arrive out of order."""
    delivery = deliver_out_of_order(seed) if seed % 2 else deliver_in_order
    with open_running_desk() if in_processes else open_history_desk(delivery) as desk:
        history = History(desk, seed)
        history.run(steps)
        return history


def seeds_of(text: str) -> range:
    """Return the seeds of `7`, or of `0-99`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments: list[str]) -> int:
    """Run the seeds and print each disagreement with its story; return 1 if there was one."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("0-499"))
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--processes", action="store_true", help="in the real processes of a suite")
    chosen = parser.parse_args(arguments)
    configure_logging("histories")
    began, figures, failed, outcomes = time.process_time(), 0, list[int](), Counter[tuple[str, bool]]()
    for seed in chosen.seeds:
        try:
            history = run_history(seed, chosen.steps, in_processes=chosen.processes)
        except Exception as found:  # a crash is shown with its seed, as a disagreement is
            failed.append(seed)
            print(found if isinstance(found, Disagreement) else f"seed {seed}: {format_exc()}", flush=True)
        else:
            figures += history.figures
            outcomes += history.outcomes
    seconds = time.process_time() - began
    for step in sorted({step for step, _ in outcomes}):
        print(f"{step:<20} {outcomes[step, True]:>6} done {outcomes[step, False]:>6} refused")
    print(
        f"{len(chosen.seeds)} histories of {chosen.steps} steps: {figures:,} figures compared in {seconds:.0f} s of CPU"
    )
    print(f"{len(failed)} disagree: {failed}" if failed else "No figure disagrees.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
