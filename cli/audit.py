"""`sihe audit`: rebuild read models, trace causes and effects, export and verify the event logs."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import verify as verifier
from cli.client import RequestFailed
from cli.connect import connect, with_place
from cli.evidence_pack import write_pack
from cli.export import LOGS, export_documents, read_pages, write_file
from cli.figures import compare_figures
from cli.main import COMMANDS, home_folder
from cli.main_modules import main_module_of
from cli.sampling import POPULATIONS, SampleTooLarge, draw_sample
from cli.trace import correlation_tree_of
from gateway.access_log import INITIAL_CHAIN, next_chain
from shared.cli import compare_rebuilt_projections
from shared.codec import encode
from shared.config import SERVICES, InvalidSettings, Settings
from shared.projections.comparison import ProjectionComparison
from shared.service import Service
from shared.store import StoreError, UnsupportedGeneration
from shared.store.integrity import IntegrityFailure


@click.group("audit", help=COMMANDS["audit"][1])
def command() -> None:
    pass


@command.command()
def rebuild() -> None:
    """Rebuild every read model from the events next to the live one and compare both row by row.

    Uses the data in SIHE_HOME, whether the suite runs or not. Exit code 1 if a row differs.
    """
    console = Console()
    with _stored_data():
        found = dict(_rebuilt_with_bars(console))
    for name, comparison in found.items():
        console.print(_comparison_text(name, comparison))
    rows = sum(comparison.equal for comparison in found.values())
    if different := sum(not comparison.is_equal for comparison in found.values()):
        console.print(f"[red]{different} of {len(found)} read models differ from the events.[/]")
        raise SystemExit(1)
    console.print(f"[green]All {len(found)} read models match the events, {rows:,} rows.[/]")


def _rebuilt_with_bars(console: Console) -> Iterator[tuple[str, ProjectionComparison]]:
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bars:
        for service in SERVICES:
            bar = bars.add_task(service, total=None)

            def update_bar(name: str, position: int, total: int, bar: Any = bar, service: str = service) -> None:
                bars.update(bar, description=f"{service} {name}", completed=position, total=total)

            yield from (
                (f"{service} {name}", found)
                for name, found in compare_rebuilt_projections(
                    load_settings(service, home_folder()), main_module_of(service), update_bar
                ).items()
            )


@command.command()
def figures() -> None:
    """Compare the figures that two services keep, such as the quantity of each stock in SCM and in ERP.

    Uses the data in SIHE_HOME, whether the suite runs or not. Exit code 1 if a figure differs.
    """
    console = Console()
    with _stored_data():
        found = list(compare_figures({each: _open_service(each) for each in SERVICES}))
    for each in found:
        console.print(each.text, soft_wrap=True)
    if any(each.differences for each in found):
        raise SystemExit(1)


@contextmanager
def _stored_data() -> Iterator[None]:
    """Read the data in the home folder; what cannot be read ends the command with the reason and the remedy."""
    home = home_folder().absolute()
    if not (home / "keys").is_dir():
        raise click.ClickException(f"No suite was started in {home}, so there is nothing to read: set SIHE_HOME.")
    try:
        yield
    except (UnsupportedGeneration, IntegrityFailure, InvalidSettings) as error:
        raise click.ClickException(str(error)) from None
    except (StoreError, OSError) as error:
        raise click.ClickException(f"The data in {home} cannot be read: {error}") from None


def _open_service(service: str) -> Service:
    created: Service = main_module_of(service).create_service(load_settings(service, home_folder()))
    created.store.check()
    return created


def compare_all(home: Path) -> Iterator[ProjectionComparison]:
    """Compare every read model of the suite in this home folder with one rebuilt from the events."""
    for service in SERVICES:
        yield from compare_rebuilt_projections(load_settings(service, home), main_module_of(service)).values()


def load_settings(service: str, home: Path) -> Settings:
    """Return the settings that the processes of a suite in this home folder use."""
    return Settings.from_environment({**os.environ, "SIHE_SERVICE": service, "SIHE_HOME": str(home)})


def _comparison_text(projection: str, comparison: ProjectionComparison) -> str:
    if comparison.is_equal:
        return f"  {projection:<28} {comparison.equal:>8,} rows equal at event {comparison.position:,}"
    counts = f"{comparison.missing} missing, {comparison.extra} unexpected, {comparison.different} different"
    examples = "".join(f"\n      {key}: {', '.join(columns)}" for key, columns in comparison.examples.items())
    return f"  [bold red]{projection:<28} {comparison.error or counts}[/]{examples}"


@command.command()
@click.argument("id")
@click.option(
    "--details", is_flag=True, help="Show time, person, amounts, quantities, numbers, reasons, and what was requested."
)
@with_place
def trace(id: str, details: bool, url: str | None, key: str | None) -> None:
    """Show all events with the same correlation as one tree of causes and effects, from all services.

    ID is the number of a sales order, a purchase order or an invoice, or the id of an aggregate, of a posting in the
    journal, or of an event.
    """
    client = connect(url, key)
    try:
        tree = correlation_tree_of(client, id, details)
    except RequestFailed as error:
        raise click.ClickException(str(error)) from None
    console = Console()
    for line in tree.lines:
        console.print(line, soft_wrap=True)
    console.print(f"{tree.events} events")


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option(
    "--service", "services", multiple=True, type=click.Choice(LOGS), help="Export only this log; may be repeated."
)
@with_place
def export(file: Path, services: Sequence[str], url: str | None, key: str | None) -> None:
    """Export the event logs to FILE: every stored event, the hash chain, and the checkpoints of all services.

    FILE is replaced only by a complete export.
    """
    try:
        lines = write_file(export_documents(connect(url, key), services or LOGS), file)
    except RequestFailed as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    Console().print(f"{lines:,} lines written to {file}. Verify: sihe audit verify {file}", soft_wrap=True)


@command.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: Sequence[str]) -> None:
    """Verify that an export is unchanged; name the first changed event. The same as `python verify.py`."""
    raise SystemExit(verifier.main(arguments))


@command.command()
@click.argument("population", type=click.Choice([*POPULATIONS]))
@click.option("--count", required=True, type=click.IntRange(min=1), help="Number of records to choose.")
@click.option("--seed", required=True, help="Any text; the same seed chooses the same records.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="Filter of the list; may be repeated.")
@click.option("-o", "file", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@with_place
def sample(
    population: str, count: int, seed: str, filters: Sequence[str], file: Path, url: str | None, key: str | None
) -> None:
    """Pack a sample of POPULATION with the documents, the trace and the signed events of each record.

    Chosen are the records with the smallest SHA-256 of the seed followed by the id, of all that match the filters.
    The file is replaced only by a complete pack.
    """
    client = connect(url, key)
    try:
        chosen = draw_sample(client, population, dict(map(_filter, filters)), count, seed)
        write_pack(client, chosen, file)
    except (RequestFailed, SampleTooLarge) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    found = f"{count:,} of {len(chosen.population):,} {population} written to {file}."
    Console().print(f"{found} Verify: sihe audit verify {file}", soft_wrap=True)


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text} must be NAME=VALUE, such as status=posted", param_hint="--filter")
    return name, value


def _parameters_text(parameters: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in parameters.items())


@command.command(name="access-log")
@click.option("--by", help="Show only what was shown to this person or program; all records are verified.")
@with_place
def access_log(by: str | None, url: str | None, key: str | None) -> None:
    """Show the access log of personal and accounting data. Exit code 1 if a record was changed or removed."""
    chain, number = INITIAL_CHAIN, 0
    for record in read_pages(connect(url, key), "audit/access-log", "number"):
        entry, number = record["entry"], number + 1
        chain = next_chain(chain, encode(entry))
        if (record["number"], record["chain_hash"]) != (number, chain.hex()):
            raise click.ClickException(f"record {number} is missing or was changed")
        if by in (None, entry["actor"]):
            parameters = _parameters_text(entry["parameters"])
            print(entry["read_at"], entry["actor"], entry["method"], entry["path"], *parameters)
    print(f"{number:,} records; chain hash of the last: {chain.hex()}")
