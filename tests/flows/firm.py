"""A trading firm in one process: four services over real stores, and the news between them, in order or not."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from services.crm.application import Crm
from services.crm.domain.sales_order import SalesOrder
from services.erp.application import Erp
from services.erp.domain.stock_value import StockValue
from services.erp.reports import Invoices, StockDays, StockPlaces
from services.erp.reports.stock_values import stock_value
from services.scm.application import Scm
from services.scm.reports import Shipments, Stock
from services.srm.application import Srm
from services.srm.reports import PurchaseOrders, PurchaseRequests
from shared import codec
from shared.bus.inline import inline
from shared.bus.intake import Intake
from shared.hearing import Ear
from shared.message import Message
from shared.money import Money, plain
from shared.report import Report
from shared.service import Service
from shared.testing.services import opened

WINDOW = 50

Row = dict[str, Any]
Carrier = Callable[[Sequence[Message]], Sequence[Message]]


def as_sent(messages: Sequence[Message]) -> Sequence[Message]:
    """Each once, in order."""
    return messages


def disorder(seed: int) -> Carrier:
    """Messages come up to three times, in any order, and some not at all; the same disorder for the same seed."""
    chance = Random(seed)

    def carry(messages: Sequence[Message]) -> Sequence[Message]:
        come = [each for each in messages for _ in range(chance.choice((0, 1, 1, 2, 3)))]
        chance.shuffle(come)
        return come

    return carry


@dataclass
class Line:
    """One service listening to one other, as its worker does: what does not come is asked for."""

    source: Service
    ear: Ear

    def __post_init__(self) -> None:
        self._intake = Intake(self.ear, self, inline)

    async def after(self, position: int, limit: int) -> Sequence[Message]:
        """What the source itself says when asked."""
        return self.source.store.published(position, limit)

    def news(self) -> Sequence[Message]:
        return self.source.store.published(self.ear.position.sequence, WINDOW)

    def bring(self, carry: Carrier) -> bool:
        """Whether there was anything new; in the end all of it is heard."""
        news = self.news()
        if news:
            asyncio.run(self._hear(carry(news), news[-1].sequence))
        return bool(news)

    async def _hear(self, come: Sequence[Message], head: int) -> None:
        await self._intake.hear((message.sequence, message) for message in come)
        if self.ear.position.sequence < head:
            await self._intake.catch_up(head)


class Firm:
    """What a test of a flow needs of the four services; `settle()` carries all news until nobody has any."""

    def __init__(self, folder: Path, carry: Carrier = as_sent) -> None:
        self.crm, self.srm = opened(Crm, folder), opened(Srm, folder)
        self.scm, self.erp = opened(Scm, folder), opened(Erp, folder)
        self.services: dict[str, Service] = {each.NAME: each for each in (self.crm, self.srm, self.scm, self.erp)}
        self._carry = carry
        self._lines = [
            Line(self.services[source], Ear(listener, source))
            for listener in self.services.values()
            for source in listener.policies.sources()
        ]

    # -- news

    def settle(self, without: str = "") -> None:
        """Deliver everything and what follows from it; a service that is down hears nothing and is not heard."""
        up = [line for line in self._lines if without not in (line.source.NAME, line.ear.service.NAME)]
        while sum(line.bring(self._carry) for line in up):
            continue
        for service in self.services.values():
            while service.read_models.advance():
                continue

    # -- what people do

    def opens(self, *skus: str) -> UUID:
        """A warehouse, items, and a supplier who offers each of them at 6.00. The supplier's id."""
        self.scm.register_warehouse("MAIN", "Main")
        supplier = self.srm.register_supplier("MILL", name="Mill Ltd.", currency="USD", payment_terms_days=30)
        for sku in skus:
            self.scm.register_item(sku, sku, "piece")
            self.srm.list_supplier_item(supplier.id, sku, unit_price=usd("6.00"), lead_time_days=3)
        self.settle()
        return supplier.id

    def customer(self, code: str, limit: str | None = None) -> UUID:
        agreed = {"credit_limit": usd(limit)} if limit else {}
        customer = self.crm.register_customer(code, name=code, currency="USD", payment_terms_days=30, **agreed)
        self.settle()
        return customer.id

    def places(self, customer_id: UUID, *lines: tuple[str, str], freight: str = "0", **agreed: Any) -> UUID:
        """An order for these quantities at 10.00 each; its id."""
        wanted = [{"sku": sku, "quantity": Decimal(quantity), "unit_price": usd("10.00")} for sku, quantity in lines]
        order = self.crm.draft_sales_order(customer_id, "USD", wanted, freight=usd(freight), **agreed)
        return self.crm.place_sales_order(order.id).id

    def buys(self, supplier_id: UUID, *lines: tuple[str, str], price: str = "6.00") -> UUID:
        """A purchase order sent; its id."""
        wanted = [{"sku": sku, "quantity": Decimal(quantity), "unit_price": usd(price)} for sku, quantity in lines]
        order = self.srm.draft_purchase_order(supplier_id, "USD", wanted, warehouse="MAIN")
        self.srm.send_purchase_order(order.id)
        self.settle()
        return order.id

    def receives(self, purchase_order_id: UUID, *lines: tuple[str, str], on: date | None = None) -> UUID:
        """Goods have come; the receipt's id."""
        return self.scm.receive_goods(purchase_order_id, goods(*lines), received_on=on).id

    def dispatches(self, order_id: UUID, *lines: tuple[str, str], on: date | None = None) -> None:
        """What is held for the order leaves; all of it unless lines are given."""
        self.scm.dispatch_shipment(UUID(self.shipment(order_id)["id"]), goods(*lines) or None, dispatched_on=on)

    def counts(self, on: date, *lines: tuple[str, str]) -> UUID:
        """So much was in the warehouse at the end of that day; the count's id."""
        return self.scm.count_stock("MAIN", on, goods(*lines)).id

    def pays(self, order_id: UUID) -> None:
        """Everything open on the order's invoices is paid."""
        for invoice in self.rows(self.erp, Invoices, sales_order_id=order_id):
            owed = Money(**invoice["open"])
            if owed:
                share = {"document_id": UUID(invoice["id"]), "amount": owed}
                self.erp.record_payment("in", UUID(invoice["customer_id"]), datetime.now(UTC).date(), owed, [share])

    # -- what they see

    def status(self, order_id: UUID) -> str:
        return str(self.crm.run(lambda: self.crm.find(SalesOrder, order_id).status))

    def rows(self, service: Service, report: type[Report], **where: Any) -> list[Row]:
        return list(service.rows_of(report).all(where))

    def shipment(self, order_id: UUID) -> Row:
        """The order's open shipment."""
        [row] = self.rows(self.scm, Shipments, sales_order_id=order_id, status="open")
        return row

    def stock(self, sku: str) -> tuple[str, str, str]:
        """On hand, reserved, available."""
        [row] = self.rows(self.scm, Stock, sku=sku)
        return row["on_hand"], row["reserved"], row["available"]

    def valued(self, sku: str) -> str:
        """How much of an item the books know of."""
        stock = self.erp.run(lambda: self.erp.maybe(StockValue, StockValue.create_id(sku, "MAIN")))
        return plain(stock.quantity) if stock else "0"

    def requests(self) -> list[Row]:
        return self.rows(self.srm, PurchaseRequests)

    def purchase_orders(self, **where: Any) -> list[Row]:
        return self.rows(self.srm, PurchaseOrders, **where)

    def exposure(self, customer_id: UUID) -> str:
        owed = self.erp.credit(customer_id).exposure
        return str(owed.amount) if owed is not None else "0.00"

    def balances(self) -> dict[str, str]:
        """Debit less credit of each account, folded from ERP's log; accounts at zero left out."""
        sums: dict[str, Decimal] = {}
        for recorded in self.erp.store.log(0, 1_000_000, ["erp.JournalEntry.Posted"]):
            for posting in codec.decode_plain(recorded.state)["postings"]:
                by = Decimal(posting["debit"]["amount"]) - Decimal(posting["credit"]["amount"])
                sums[posting["account"]] = sums.get(posting["account"], Decimal(0)) + by
        return {account: str(amount) for account, amount in sorted(sums.items()) if amount}

    def the_laws_hold(self) -> None:
        """Of books, stock and money, and nothing is parked; every read model equals one folded from zero."""
        balances = {account: Decimal(amount) for account, amount in self.balances().items()}
        assert sum(balances.values()) == 0
        places, days = self.erp.rows_of(StockPlaces), self.erp.rows_of(StockDays)
        assert stock_value(places, days, None, "USD")["totals"]["value"].amount == balances.get("1400", 0)
        owed = sum(Decimal(row["open"]["amount"]) for row in self.rows(self.erp, Invoices))
        assert owed == balances.get("1200", 0)
        for row in self.rows(self.scm, Stock):
            on_hand, reserved, available = (Decimal(row[each]) for each in ("on_hand", "reserved", "available"))
            assert available == on_hand - reserved >= 0
            assert self.valued(row["sku"]) == row["on_hand"]
        for service in self.services.values():
            assert not service.parked()
            assert all(each.same for each in service.read_models.rebuild().values())

    def close(self) -> None:
        for service in self.services.values():
            service.store.close()


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def goods(*lines: tuple[str, str]) -> list[Row]:
    return [{"sku": sku, "quantity": Decimal(quantity)} for sku, quantity in lines]


@contextmanager
def a_firm(carry: Carrier = as_sent) -> Iterator[Firm]:
    """With files of its own, which end with it."""
    with TemporaryDirectory() as folder:
        firm = Firm(Path(folder), carry)
        try:
            yield firm
        finally:
            firm.close()
