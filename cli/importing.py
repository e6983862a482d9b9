"""`sihe import`: bring a firm's data in, as any outside program would."""

import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.client import Client, Unwilling
from cli.connect import connected, running_pids
from cli.main import COMMANDS
from cli.memory import Peak
from cli.northwind.closing import Figure, Said, figures
from cli.northwind.importer import Import
from cli.northwind.tables import Tables


@click.group("import", help=COMMANDS["import"][1])
def command() -> None:
    pass


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--url", help="Where the suite is (default: http://127.0.0.1:$SIHE_PORT).")
@click.option("--key", help="The key to use (default: the admin key).")
def northwind(folder: Path, url: str | None, key: str | None) -> None:
    """Two years of a trading firm, from its CSV files in FOLDER.

    A second run changes nothing; one that broke off goes on where it was. Ends with 1 if a figure is
    not as it should be.
    """
    try:
        tables, client = Tables(folder), connected(url, key)
    except (OSError, KeyError, ValueError) as why:
        raise click.ClickException(f"{folder} is not the firm's data: {why!r}") from None
    try:
        holds = _import(tables, client, url, Console())
    except Unwilling as why:
        raise click.ClickException(f"{why}\nStart it again: it goes on where it was.") from None
    if not holds:
        raise SystemExit(1)


def _import(tables: Tables, client: Client, url: str | None, console: Console) -> bool:
    began = time.monotonic()
    with Peak(lambda: running_pids(url)) as peak, _bars(console) as bars:
        Import(tables, client, Phases(bars)).run()
    seconds = time.monotonic() - began
    said = Said(client)
    all_figures = list(figures(tables, said))
    console.print(_table(all_figures))
    console.print("events stored: " + ", ".join(f"{service} {count:,}" for service, count in said.events().items()))
    memory = f"{peak.megabytes:,.0f} MB (PSS of all processes)" if peak.megabytes else "not seen from here"
    console.print(f"import time: {seconds:.1f} s; peak memory of the suite: {memory}")
    return all(figure.holds for figure in all_figures)


class Phases:
    """A bar for each phase of the import."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._current: TaskID | None = None

    def phase(self, name: str, steps: int) -> None:
        self._current = self._bars.add_task(name, total=steps)

    def step(self) -> None:
        assert self._current is not None
        self._bars.advance(self._current)


def _bars(console: Console) -> Progress:
    columns = TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=console)


def _table(all_figures: Sequence[Figure]) -> Table:
    table = Table(title="What the books say")
    table.add_column("figure")
    table.add_column("by the data", justify="right")
    table.add_column("by the suite", justify="right")
    table.add_column("")
    for figure in all_figures:
        mark = "[green]equal[/]" if figure.holds else "[bold red]differs[/]"
        table.add_row(figure.name, f"{figure.expected:,}", f"{figure.found:,}", mark)
    return table
