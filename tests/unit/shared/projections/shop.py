"""A small shop for the tests of projections: baskets of goods, and three projections of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from shared.codec import encode
from shared.domain import Aggregate, event
from shared.event_codec import encode_event
from shared.money import Money, plain_number
from shared.projections import Projection, ReadModels, ResourceProjection, Rows, on
from shared.projections.database_url import open_database
from shared.store import Commit, NewEvent, RecordedEvent
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore


class Status(StrEnum):
    OPEN = "open"
    PAID = "paid"


class Basket(Aggregate):
    @event("Filled")
    def __init__(self, customer: str, filled_on: date | None = None) -> None:
        self.customer = customer
        self.filled_on = filled_on
        self.status = Status.OPEN
        self.total = Money("0", "EUR")

    @event("GoodsAdded")
    def add(self, sku: str, quantity: Decimal, price: Money) -> None:
        self.total = self.total + price.multiply(quantity)

    @event("Paid")
    def pay(self) -> None:
        self.status = Status.PAID

    @event("Admired")
    def admire(self) -> None:
        """Raise an event that no projection of the shop handles."""


class Baskets(ResourceProjection):
    """All baskets."""

    aggregate_class = Basket
    columns = {"customer": str, "status": Status, "filled_on": date | None, "total": Money}
    search = ("customer",)

    @staticmethod
    def to_row(basket: Basket) -> dict[str, Any]:
        return {
            "customer": basket.customer,
            "status": basket.status,
            "filled_on": basket.filled_on,
            "total": basket.total,
        }


class GoodsSold(Projection):
    """Quantity of each article, and how many times it was added to a basket."""

    columns = {"sku": str, "quantity": Decimal, "times": int}

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        row = rows.get(added.sku, {"sku": added.sku, "quantity": "0", "times": 0})
        row["quantity"] = plain_number(Decimal(row["quantity"]) + added.quantity)
        row["times"] += 1
        rows[added.sku] = row


class OpenBaskets(Projection):
    """Unpaid baskets, each with the number of unpaid baskets that the customer had before."""

    columns = {"customer": str}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        rows[filled.originator_id] = {
            "customer": filled.customer,
            "others": len(rows.list_where(customer=filled.customer)),
        }

    @on(Basket.Paid)
    def paid(self, paid: "Basket.Paid", rows: Rows) -> None:
        if rows.pop(paid.originator_id) is None:
            row = rows.get("paid twice", {"customer": None, "baskets": []})
            row["baskets"].append(str(paid.originator_id))
            rows["paid twice"] = row


PROJECTIONS = (Baskets, GoodsSold, OpenBaskets)


@dataclass
class Shop:
    """Baskets over a real event store."""

    store: EventStore
    path: Path

    @classmethod
    def in_folder(cls, folder: Path, name: str = "shop") -> "Shop":
        return cls.at(folder / "events.db", name)

    @classmethod
    def at(cls, path: Path, name: str = "shop") -> "Shop":
        store = SqliteEventStore(name, path, IntegrityKey(Path(f"{path}.integrity")))
        store.migrate()
        return cls(store, path)

    def save(self, *aggregates: Aggregate) -> list[RecordedEvent]:
        """Store their pending events, and return these as recorded."""
        pending: list[Any] = [each for aggregate in aggregates for each in aggregate.collect_events()]
        events = [
            NewEvent(each.originator_id, each.originator_version, type(each).TOPIC, encode_pending_event(each))
            for each in pending
        ]
        return list(self.store.commit(Commit(events=events)))

    def fill(self, customer: str = "anna", on_day: date | None = None, *goods: tuple[str, str, str]) -> Basket:
        basket = Basket(customer, on_day)
        for sku, quantity, price in goods:
            basket.add(sku, Decimal(quantity), Money(price, "EUR"))
        self.save(basket)
        return basket

    def add(self, basket: Basket, *skus: str) -> None:
        """Add one piece of each article, at one euro."""
        for sku in skus:
            basket.add(sku, Decimal(1), Money("1", "EUR"))
        self.save(basket)

    def store_unsupported_event(self, kind: Any) -> None:
        """Store an event in a version that only newer code supports."""
        self.store.commit(Commit(events=[NewEvent(uuid4(), 1, kind.TOPIC, b'{"v": 99}')]))


def encode_pending_event(event: Any) -> bytes:
    """Return the event's content in its stored form."""
    return encode_event(event, encode(event.meta))


def catch_up(read_models: ReadModels, limit: int = 500) -> ReadModels:
    """Process batches until no event is waiting."""
    while read_models.process_batch(limit):
        pass
    return read_models


def change_database(database: str, *statements: str) -> None:
    """Change the tables of the read models directly in their database."""
    opened = open_database(database, "shop")
    with opened.transaction() as session:
        for each in statements:
            session.execute(each)
    opened.close()
