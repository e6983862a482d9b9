"""`sihe audit`: is what the suite shows really what happened, and what led to what?"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from gateway.cli.client import Client, Unwilling
from gateway.cli.connect import connected
from gateway.cli.main import COMMANDS, home_folder
from gateway.compose.story import story
from shared.cli import rebuilt
from shared.config import SERVICES, Settings
from shared.report.comparison import Comparison

SHORT_ID = 8
LENGTH_OF_COMMAND = len("command:") + SHORT_ID
PAGE = "1000"

Node = Mapping[str, Any]


@click.group("audit", help=COMMANDS["audit"][1])
def command() -> None:
    pass


@command.command()
def rebuild() -> None:
    """Fold every read model from zero beside the live one and compare the two row by row.

    Works on the data in SIHE_HOME, whether the suite runs or not. Ends with 1 if a row differs.
    """
    console = Console()
    found = dict(_rebuilt_with_bars(console))
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
                for name, found in rebuilt(settings_of(service, home_folder()), reached).items()
            )


def rebuild_all(home: Path) -> Iterator[Comparison]:
    """Every read model of the suite on this home against a fold from zero."""
    for service in SERVICES:
        yield from rebuilt(settings_of(service, home)).values()


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

    ID is the number or id of a sales order, or the id of anything else that has events.
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


@dataclass(frozen=True)
class Story:
    """Everything that happened because of one thing, drawn as a tree, a line each."""

    events: int
    lines: list[Text]


def story_of(client: Client, name: str) -> Story:
    """The story that `name` belongs to. Raises Unwilling if nobody knows it."""
    correlation = _correlation(client, name)
    told = {service: list(_events(client, service, correlation=correlation)) for service in SERVICES}
    root = story(correlation, told)
    return Story(root["events"], list(_drawn(root["children"], "", "")))


def _correlation(client: Client, name: str) -> str:
    aggregate = next((order["id"] for order in client.get("crm/sales-orders", number=name)["data"]), name)
    for service in SERVICES:
        for event in _events(client, service, aggregate=aggregate, limit="1"):
            return str(event["correlation"])
    raise Unwilling(f"no service knows anything that happened to {name}")


def _events(client: Client, service: str, **which: str) -> Iterator[dict[str, Any]]:
    """Page by page, to the end."""
    after = 0
    while page := list(client.lines(f"audit/{service}/events", **{"limit": PAGE, "after": str(after)} | which)):
        yield from page
        after = page[-1]["position"]


def _drawn(nodes: Sequence[Node], before: str, day: str) -> Iterator[Text]:
    """The nodes under one another; a business date is shown where it changes."""
    for node in nodes:
        last = node is nodes[-1]
        today = node.get("effective_on", day)
        yield Text.assemble(
            before, "└─ " if last else "├─ ", *_label(node), (f" {today}" if today != day else "", "bold")
        )
        yield from _drawn(node["children"], before + ("   " if last else "│  "), today)


def _label(node: Node) -> Iterator[tuple[str, str]]:
    if "type" not in node:
        yield f"{node['actor']}: {node['id'][:LENGTH_OF_COMMAND]}", "dim"
        return
    happened = node["type"].split(".", 1)[1]
    yield f"{node['service']} ", "cyan"
    yield happened, ""
    yield f" {node['aggregate'][:SHORT_ID]}", "dim"
