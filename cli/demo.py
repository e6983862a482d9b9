"""`sihe demo`: runs a sample order with a shortage on a temporary suite and checks the result."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding

from cli.background import BackgroundSuite, NotStarted
from cli.client import Client, RequestFailed
from cli.main import COMMANDS
from cli.sample.check import Check, run_checks
from cli.sample.scenario import OrderScenario
from cli.trace import correlation_tree_of

LANGUAGES = ("en", "zh")
INDENT = (0, 0, 0, 2)
ADMIN_KEY = "admin-key-of-one-demo"

Narrator = Callable[..., None]


@click.command("demo", help=COMMANDS["demo"][1])
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the output.")
@click.option("--keep", is_flag=True, help="Keep the suite running at the end, until Ctrl-C.")
def command(lang: str, keep: bool) -> None:
    console, words = Console(highlight=False), _load_sample(f"words.{lang}.json")
    narrator = _create_narrator(console, words)
    try:
        passed = _run_scenario(console, words, narrator, keep)
    except (RequestFailed, NotStarted) as error:
        raise click.ClickException(str(error)) from None
    if not passed:
        raise SystemExit(1)


def _run_scenario(console: Console, texts: Mapping[str, str], narrator: Narrator, keep: bool) -> bool:
    narrator("starting")
    started_at = time.monotonic()
    with TemporaryDirectory(prefix="sihe-") as folder, BackgroundSuite(Path(folder), ADMIN_KEY) as suite:
        narrator("ready", seconds=f"{time.monotonic() - started_at:.1f}", url=suite.url)
        client = Client(suite.url, ADMIN_KEY)
        scenario = OrderScenario(client, _load_sample("firm.json"), narrator)
        scenario.run()
        narrator("chapter_story")
        tree = correlation_tree_of(client, scenario.number)
        narrator("story", events=tree.events)
        for line in tree.lines:
            console.print("  ", line, sep="", soft_wrap=True)
        narrator("chapter_check")
        client.wait_until_idle()
        passed = _show_checks(console, texts, run_checks(client, scenario.order_id, suite.home))
        if keep:
            with suppress(KeyboardInterrupt):
                narrator("kept", url=suite.url, key=ADMIN_KEY)
                suite.wait()
        return passed


def _show_checks(console: Console, texts: Mapping[str, str], checks: list[Check]) -> bool:
    for check in checks:
        mark = "[green]✓[/]" if check.passed else "[bold red]✗[/]"
        console.print(f"  {mark} {texts[check.name].format(**check.amounts)}")
    passed = all(check.passed for check in checks)
    console.print(f"\n[bold {'green' if passed else 'red'}]{texts['holds' if passed else 'broken']}[/]")
    return passed


def _create_narrator(console: Console, texts: Mapping[str, str]) -> Narrator:
    def narrate(name: str, **amounts: Any) -> None:
        text = texts[name].format(**amounts)
        console.print(f"\n[bold cyan]{text}[/]" if name.startswith("chapter") else Padding(text, INDENT))

    return narrate


def _load_sample(name: str) -> Any:
    return json.loads(files("cli.sample").joinpath(name).read_text(encoding="utf-8"))
