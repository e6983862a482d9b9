"""`sihe import`: imports the data of a company through the public API."""

import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.client import Client, RequestFailed
from cli.connect import connect, running_pids, with_place
from cli.main import COMMANDS
from cli.memory import PeakMemory
from cli.northwind.closing import Figure, SuiteFigures, figures
from cli.northwind.importer import NorthwindImport
from cli.northwind.tables import NorthwindTables

SOURCE = "docs/northwind.md lists the files that FOLDER needs, and their source."


@click.group("import", help=COMMANDS["import"][1])
def command() -> None:
    pass


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@with_place
def northwind(folder: Path, url: str | None, key: str | None) -> None:
    """Import two years of a trading company from its CSV files in FOLDER.

    docs/northwind.md lists the files and their public source, https://github.com/pthom/northwind_psql.
    A second run has no effect; an interrupted run continues where it stopped. Exit code 1 if a figure in the
    suite differs from the CSV files.
    """
    try:
        tables, client = NorthwindTables(folder), connect(url, key)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}. {SOURCE}") from None
    except (KeyError, ValueError) as error:
        raise click.ClickException(f"{folder} does not contain valid Northwind tables: {error!r}. {SOURCE}") from None
    try:
        matches = _run_import(tables, client, url, Console())
    except RequestFailed as error:
        raise click.ClickException(f"{error}\nRun the import again: it continues where it stopped.") from None
    if not matches:
        raise SystemExit(1)


def _run_import(tables: NorthwindTables, client: Client, url: str | None, console: Console) -> bool:
    started_at = time.monotonic()
    with PeakMemory(lambda: running_pids(url)) as peak, _progress_bars(console) as bars:
        NorthwindImport(tables, client, PhaseBars(bars)).run()
    seconds = time.monotonic() - started_at
    suite = SuiteFigures(client)
    all_figures = list(figures(tables, suite))
    console.print(_figures_table(all_figures))
    console.print("events stored: " + ", ".join(f"{service} {count:,}" for service, count in suite.events().items()))
    memory = f"{peak.megabytes:,.0f} MB (PSS of all processes)" if peak.megabytes else "unknown (suite is not local)"
    console.print(f"import time: {seconds:.1f} s; peak memory of the suite: {memory}")
    return all(figure.is_equal for figure in all_figures)


class PhaseBars:
    """Shows a progress bar for each phase of the import."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._current: TaskID | None = None

    def phase(self, name: str, steps: int) -> None:
        self._current = self._bars.add_task(name, total=steps)

    def step(self) -> None:
        assert self._current is not None
        self._bars.advance(self._current)


def _progress_bars(console: Console) -> Progress:
    columns = TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=console)


def _figures_table(all_figures: Sequence[Figure]) -> Table:
    table = Table(title="Figures of the import")
    table.add_column("figure")
    table.add_column("CSV files", justify="right")
    table.add_column("suite", justify="right")
    table.add_column("")
    for figure in all_figures:
        mark = "[green]equal[/]" if figure.is_equal else "[bold red]differs[/]"
        table.add_row(figure.name, f"{figure.expected:,}", f"{figure.actual:,}", mark)
    return table
