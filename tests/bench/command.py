"""`sihe bench`: every row of the table of measures, taken on this machine now; nothing is kept."""

import time
from collections.abc import Callable, Mapping, Sequence

import click
from rich.console import Console

from shared.telemetry import set_up, where
from tests.bench.books import late_news, ledger
from tests.bench.bus import on_the_bus
from tests.bench.commands import sqlite_commands
from tests.bench.endpoint import create_endpoint
from tests.bench.flows import after_many, order_to_cash
from tests.bench.fresh import fresh_suite
from tests.bench.history import history_verified
from tests.bench.latency import reaction, read_after_write
from tests.bench.measure import Effort, Figure, Skipped, calibration
from tests.bench.postgres import postgres_commands
from tests.bench.rebuild import longer_logs, rebuilt
from tests.bench.table import show

Row = Callable[[Effort], list[Figure]]

ROWS: Mapping[str, Row] = {
    "sqlite": sqlite_commands,
    "postgres": postgres_commands,
    "create": create_endpoint,
    "bus": on_the_bus,
    "reaction": reaction,
    "read": read_after_write,
    "rebuild": rebuilt,
    "linear": longer_logs,
    "ledger": ledger,
    "late": late_news,
    "history": history_verified,
    "cash": order_to_cash,
    "fresh": fresh_suite,
}
LONG: Mapping[str, Row] = {"many": after_many}
USUAL, QUICK = Effort(), Effort(rounds=2, share=0.25)


@click.command("bench", epilog="Ends with 1 only if something broke: figures are no tests.")
@click.option("--quick", is_flag=True, help="Two short rounds of everything: tells that it works, not how fast.")
@click.option("--long", is_flag=True, help="Also whether it stays as fast after 20,000 orders: takes an hour.")
@click.option("--only", multiple=True, type=click.Choice([*ROWS, *LONG]), help="Only this; may be given again.")
def command(quick: bool, long: bool, only: Sequence[str]) -> None:
    """Measure the suite against the raw limits of this machine."""
    console = Console(highlight=False)
    set_up("bench", "WARNING")
    everything = {**ROWS, **LONG}
    names = only or [*ROWS, *(LONG if long else ())]
    taking = Taking(console, QUICK if quick else USUAL, len(names))
    figures = [figure for name in names for figure in taking.row(name, everything[name])]
    show(console, figures)
    if taking.broken:
        raise click.ClickException(f"broken: {', '.join(taking.broken)}")


class Taking:
    """Takes rows one after the other and says so."""

    def __init__(self, console: Console, effort: Effort, rows: int) -> None:
        self.broken: list[str] = []
        self._console, self._effort, self._rows = console, effort, rows
        self._done = 0

    def row(self, name: str, take: Row) -> list[Figure]:
        """Its figures; none if this machine cannot take them, or it broke."""
        began, before = time.monotonic(), calibration()
        self._done += 1
        with self._console.status(f"{name} …"):
            figures, trouble = self._taken(name, take)
        how = trouble or f"calibration {before:.1f} → {calibration():.1f} ms"
        seconds = f"{time.monotonic() - began:5.0f} s"
        self._console.print(f"[{self._done}/{self._rows}] {name:<9}{seconds}  {how}", markup=False, soft_wrap=True)
        return figures

    def _taken(self, name: str, take: Row) -> tuple[list[Figure], str]:
        try:
            return take(self._effort), ""
        except Skipped as why:
            return [], f"skipped: {why}"
        except Exception as broken:
            self.broken.append(name)
            return [], f"broke: {type(broken).__name__}: {broken} (at {', '.join(where(broken))})"


if __name__ == "__main__":
    command(prog_name="sihe bench")
