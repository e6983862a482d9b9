"""`sihe demo`: one order with a shortage, told as a story, checked at its end."""

import json
import time
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding

from cli.background import BackgroundSuite, NotStarted
from cli.client import Client, Unwilling
from cli.main import COMMANDS
from cli.sample.check import Check, checks
from cli.sample.tale import Tale
from cli.trace import story_of

LANGUAGES = ("en", "zh")
INDENT = (0, 0, 0, 2)
ADMIN_KEY = "the admin key of one demo"

Tell = Callable[..., None]


@click.command("demo", help=COMMANDS["demo"][1])
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="The language it is told in.")
def command(lang: str) -> None:
    console, words = Console(highlight=False), _sample(f"words.{lang}.json")
    tell = _teller(console, words)
    try:
        holds = _told(console, words, tell)
    except (Unwilling, NotStarted) as why:
        raise click.ClickException(str(why)) from None
    if not holds:
        raise SystemExit(1)


def _told(console: Console, words: Mapping[str, str], tell: Tell) -> bool:
    tell("starting")
    began = time.monotonic()
    with TemporaryDirectory(prefix="sihe-") as folder, BackgroundSuite(Path(folder), ADMIN_KEY) as suite:
        tell("ready", seconds=f"{time.monotonic() - began:.1f}", url=suite.url)
        client = Client(suite.url, ADMIN_KEY)
        tale = Tale(client, _sample("firm.json"), tell)
        tale.tell()
        tell("chapter_story")
        story = story_of(client, tale.number)
        tell("story", events=story.events)
        for line in story.lines:
            console.print("  ", line, sep="", soft_wrap=True)
        tell("chapter_check")
        client.until_quiet()
        return _checked(console, words, checks(client, tale.order_id, suite.home))


def _checked(console: Console, words: Mapping[str, str], found: list[Check]) -> bool:
    for check in found:
        mark = "[green]✓[/]" if check.holds else "[bold red]✗[/]"
        console.print(f"  {mark} {words[check.name].format(**check.amounts)}")
    holds = all(check.holds for check in found)
    console.print(f"\n[bold {'green' if holds else 'red'}]{words['holds' if holds else 'broken']}[/]")
    return holds


def _teller(console: Console, words: Mapping[str, str]) -> Tell:
    def tell(name: str, **amounts: Any) -> None:
        text = words[name].format(**amounts)
        console.print(f"\n[bold cyan]{text}[/]" if name.startswith("chapter") else Padding(text, INDENT))

    return tell


def _sample(name: str) -> Any:
    return json.loads(files("cli.sample").joinpath(name).read_text(encoding="utf-8"))
