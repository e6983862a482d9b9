"""`sihe bench`: measure every row of the table on this machine; nothing is stored."""

import time
from collections.abc import Callable, Mapping, Sequence

import click
from rich.console import Console

from shared.telemetry import configure_logging, error_location
from tests.bench.bus import measure_bus
from tests.bench.commands import measure_sqlite_commands
from tests.bench.endpoint import measure_create_endpoint
from tests.bench.flows import measure_after_many, measure_order_to_cash
from tests.bench.fresh import measure_fresh_suite
from tests.bench.grouped import measure_grouped_sums, measure_grouped_sums_on_postgres
from tests.bench.history import measure_history
from tests.bench.latency import measure_reaction, measure_read_after_write
from tests.bench.ledger import measure_late_events, measure_ledger
from tests.bench.measure import Effort, Figure, Skipped, calibration
from tests.bench.modules import measure_more_modules
from tests.bench.postgres import measure_postgres_commands
from tests.bench.rebuild import measure_longer_logs, measure_rebuilding
from tests.bench.requests import measure_requests, measure_requests_on_postgres
from tests.bench.slow_clients import measure_slow_clients
from tests.bench.table import show

Row = Callable[[Effort], list[Figure]]

ROWS: Mapping[str, Row] = {
    "sqlite": measure_sqlite_commands,
    "postgres": measure_postgres_commands,
    "create": measure_create_endpoint,
    "bus": measure_bus,
    "reaction": measure_reaction,
    "read": measure_read_after_write,
    "rebuild": measure_rebuilding,
    "linear": measure_longer_logs,
    "ledger": measure_ledger,
    "late": measure_late_events,
    "grouped": measure_grouped_sums,
    "grouped-pg": measure_grouped_sums_on_postgres,
    "history": measure_history,
    "cash": measure_order_to_cash,
    "requests": measure_requests,
    "requests-pg": measure_requests_on_postgres,
    "fresh": measure_fresh_suite,
    "slow": measure_slow_clients,
    "modules": measure_more_modules,
}
LONG_ROWS: Mapping[str, Row] = {"many": measure_after_many}
USUAL_EFFORT, QUICK_EFFORT = Effort(), Effort(rounds=2, share=0.25)


@click.command("bench", epilog="Ends with 1 only if something broke: figures are no tests.")
@click.option("--quick", is_flag=True, help="Two short rounds of every measure: shows that it works, not how fast.")
@click.option("--long", is_flag=True, help="Also whether it stays as fast after 20,000 orders: takes an hour.")
@click.option("--only", multiple=True, type=click.Choice([*ROWS, *LONG_ROWS]), help="Only this; may be given again.")
def command(quick: bool, long: bool, only: Sequence[str]) -> None:
    """Measure the suite against the raw limits of this machine."""
    console = Console(highlight=False)
    configure_logging("bench", "WARNING")
    everything = {**ROWS, **LONG_ROWS}
    names = only or [*ROWS, *(LONG_ROWS if long else ())]
    taking = Measurement(console, QUICK_EFFORT if quick else USUAL_EFFORT, len(names))
    figures = [figure for name in names for figure in taking.take_row(name, everything[name])]
    show(console, figures)
    if taking.broken:
        raise click.ClickException(f"broken: {', '.join(taking.broken)}")


class Measurement:
    """Takes the rows one after the other and shows the progress."""

    def __init__(self, console: Console, effort: Effort, rows: int) -> None:
        self.broken: list[str] = []
        self._console, self._effort, self._rows = console, effort, rows
        self._done = 0

    def take_row(self, name: str, take: Row) -> list[Figure]:
        """Return the figures of the row; none if this machine cannot take them or the row failed."""
        began, before = time.monotonic(), calibration()
        self._done += 1
        with self._console.status(f"{name} …"):
            figures, trouble = self._take(name, take)
        how = trouble or f"calibration {before:.1f} → {calibration():.1f} ms"
        seconds = f"{time.monotonic() - began:5.0f} s"
        self._console.print(f"[{self._done}/{self._rows}] {name:<12}{seconds}  {how}", markup=False, soft_wrap=True)
        return figures

    def _take(self, name: str, take: Row) -> tuple[list[Figure], str]:
        try:
            return take(self._effort), ""
        except Skipped as why:
            return [], f"skipped: {why}"
        except Exception as broken:
            self.broken.append(name)
            return [], f"broke: {type(broken).__name__}: {broken} (at {', '.join(error_location(broken))})"


if __name__ == "__main__":
    command(prog_name="sihe bench")
