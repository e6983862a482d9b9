"""`sihe audit`: is what the suite shows really what happened, and what led to what?"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import verify as verifier
from cli.client import Unwilling
from cli.connect import connected
from cli.export import LOGS, exported, paged, write
from cli.main import COMMANDS, home_folder
from cli.trace import story_of
from cli.wirings import wiring_of
from gateway.readings import BEGINNING, chained
from shared.cli import rebuilt
from shared.codec import encode
from shared.config import SERVICES, Settings
from shared.report.comparison import Comparison
from shared.store import UnsupportedGeneration


@click.group("audit", help=COMMANDS["audit"][1])
def command() -> None:
    pass


@command.command()
def rebuild() -> None:
    """Fold every read model from zero beside the live one and compare the two row by row.

    Works on the data in SIHE_HOME, whether the suite runs or not. Ends with 1 if a row differs.
    """
    console = Console()
    try:
        found = dict(_rebuilt_with_bars(console))
    except UnsupportedGeneration as reason:
        raise click.ClickException(str(reason)) from None
    for name, comparison in found.items():
        console.print(_told(name, comparison))
    rows = sum(comparison.equal for comparison in found.values())
    if not all(comparison.same for comparison in found.values()):
        raise SystemExit(1)
    console.print(f"[green]All {len(found)} read models are equal to what happened, {rows:,} rows.[/]")


def _rebuilt_with_bars(console: Console) -> Iterator[tuple[str, Comparison]]:
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bars:
        for service in SERVICES:
            bar = bars.add_task(service, total=None)

            def reached(report: str, position: int, of: int, bar: Any = bar, service: str = service) -> None:
                bars.update(bar, description=f"{service} {report}", completed=position, total=of)

            yield from (
                (f"{service} {name}", found)
                for name, found in rebuilt(settings_of(service, home_folder()), wiring_of(service), reached).items()
            )


def rebuild_all(home: Path) -> Iterator[Comparison]:
    """Every read model of the suite on this home against a fold from zero."""
    for service in SERVICES:
        yield from rebuilt(settings_of(service, home), wiring_of(service)).values()


def settings_of(service: str, home: Path) -> Settings:
    """As the processes of a suite on this home have them."""
    return Settings.read({**os.environ, "SIHE_SERVICE": service, "SIHE_HOME": str(home)})


def _told(name: str, comparison: Comparison) -> str:
    if comparison.same:
        return f"  {name:<28} {comparison.equal:>8,} rows equal at event {comparison.position:,}"
    counts = f"{comparison.missing} missing, {comparison.extra} too many, {comparison.different} different"
    examples = "".join(f"\n      {key}: {', '.join(how)}" for key, how in comparison.examples.items())
    return f"  [bold red]{name:<28} {comparison.trouble or counts}[/]{examples}"


@command.command()
@click.argument("id")
@click.option("--url", help="Where the suite is (default: http://127.0.0.1:$SIHE_PORT).")
@click.option("--key", help="The key to use (default: the admin key).")
def trace(id: str, url: str | None, key: str | None) -> None:  # noqa: A002 (what people call it)
    """Show the story something belongs to as one tree, told by all services.

    ID is the number of a sales order, a purchase order or an invoice, the id of anything that has events, of a
    posting in the journal, or of an event.
    """
    client = connected(url, key)
    try:
        told = story_of(client, id)
    except Unwilling as why:
        raise click.ClickException(str(why)) from None
    console = Console()
    for line in told.lines:
        console.print(line, soft_wrap=True)
    console.print(f"{told.events} events")


@command.command()
@click.argument("file", type=click.File("wb"))
@click.option(
    "--service", "services", multiple=True, type=click.Choice(LOGS), help="Only this log; may be given again."
)
@click.option("--url", help="Where the suite is (default: http://127.0.0.1:$SIHE_PORT).")
@click.option("--key", help="The key to use (default: the admin key).")
def export(file: BinaryIO, services: Sequence[str], url: str | None, key: str | None) -> None:
    """Write the history to FILE: every event as it is stored, the chain, and the checkpoints everybody holds."""
    try:
        lines = write(exported(connected(url, key), services or LOGS), file)
    except Unwilling as why:
        raise click.ClickException(str(why)) from None
    Console().print(f"{lines:,} lines. Is it what was recorded? sihe audit verify {file.name}", soft_wrap=True)


@command.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: Sequence[str]) -> None:
    """Is an export what was recorded? Names the first event that is not. The same as `python verify.py`."""
    raise SystemExit(verifier.main(arguments))


@command.command()
@click.option("--by", help="Show only what this person or program read; all are checked.")
@click.option("--url", help="Where the suite is (default: http://127.0.0.1:$SIHE_PORT).")
@click.option("--key", help="The key to use (default: the admin key).")
def readings(by: str | None, url: str | None, key: str | None) -> None:
    """Show who read what of persons and books. Ends with 1 if a record was changed or taken out."""
    chain, number = BEGINNING, 0
    for record in paged(connected(url, key), "audit/readings", "number"):
        reading, number = record["entry"], number + 1
        chain = chained(chain, encode(reading))
        if (record["number"], record["chain_hash"]) != (number, chain.hex()):
            raise click.ClickException(f"record {number} is missing or is not what it was")
        if by in (None, reading["actor"]):
            print(reading["read_at"], reading["actor"], reading["path"], *reading["parameters"])
    print(f"{number:,} readings; the last is chained as {chain.hex()}")
