"""Figures that two services keep, each from its own events, and that a standing check compares."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from msgspec import Struct

from shared.codec import decode_untyped, encode
from shared.money import plain_number
from shared.projections.definition import Projection
from shared.projections.read_models import ReadModels
from shared.projections.row_table import CHUNK_SIZE, Entry, decode_row
from shared.projections.rows import Rows
from shared.store.event_store import EventStore

FIRST = "["
"""Every key of a figure, a list in JSON, sorts after it; the rows that name the aggregates sort before it."""


class Figures(Projection):
    """Figures that two services keep under the same name of the projection, such as the quantity of each stock.

    The service whose figures follow from events of the other names that service as `source`, and compares. A figure
    belongs to codes, such as an item and a warehouse; `changed_at` is the position of the log of its last change.
    """

    source: ClassVar[str | None] = None
    extra_fields = {"figure": Decimal, "changed_at": int}


def open_figure(rows: Rows, aggregate: object, *codes: str) -> None:
    """Let an aggregate change the figure of these codes."""
    rows[f"#{aggregate}"] = {"key": encode(codes).decode()}


def add_to_figure(rows: Rows, aggregate: object, amount: Decimal) -> None:
    """Add an amount to the figure of an aggregate."""
    if amount:
        key = rows[f"#{aggregate}"]["key"]
        before = Decimal(rows.get(key, {"figure": "0"})["figure"])
        rows[key] = {"figure": plain_number(before + amount), "changed_at": rows.current_position}


class Figure(Struct, frozen=True):
    """One figure, and the position of the log of its last change."""

    key: str
    figure: str
    changed_at: int

    @property
    def amount(self) -> Decimal:
        return Decimal(self.figure)


class FigurePage(Struct, frozen=True):
    """Figures in order of their keys as of a position of the log; every event they follow from is published by
    `published_head`."""

    epoch: str
    position: int
    published_head: int
    figures: list[Figure]

    @property
    def last_key(self) -> str | None:
        """The key after which more figures may follow; none at the end."""
        return self.figures[-1].key if len(self.figures) >= CHUNK_SIZE else None


def read_figures(
    store: EventStore, read_models: ReadModels, figures: type[Projection], after: str = FIRST
) -> FigurePage | None:
    """Return the figures after a key; none while they are being built."""
    page = read_models.live_page(figures, after)
    if page is None:
        return None
    return FigurePage(store.epoch, page.position, store.published_head(), [_figure(each) for each in page.entries])


def _figure(entry: Entry) -> Figure:
    row: dict[str, Any] = decode_row(entry)
    return Figure(str(entry[0]), row["figure"], row["changed_at"])


def all_figures(store: EventStore, read_models: ReadModels, figures: type[Projection]) -> Iterator[Figure]:
    """Yield every figure, read page by page."""
    after: str | None = FIRST
    while after is not None:
        page = read_figures(store, read_models, figures, after)
        yield from page.figures if page else ()
        after = page.last_key if page else None


def describe_difference(key: str, source: str, theirs: Decimal, service: str, own: Decimal) -> str:
    """Return a figure of two services that differs, for people."""
    codes = " in ".join(decode_untyped(key))
    return f"{codes}: {plain_number(theirs)} in {source}, {plain_number(own)} in {service}"
