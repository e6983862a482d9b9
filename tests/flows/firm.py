"""A trading firm in one process: four services over real stores, and the messages between them, in order or not."""

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

from services.crm.customers.commands import RegisterCustomer
from services.crm.sales_orders.commands import DraftSalesOrder, Line
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.service import Crm
from services.erp.receivables.domain.invoice import Invoice
from services.erp.receivables.projections.invoices import Invoices
from services.erp.service import Erp
from services.erp.settlement.commands.payments import RecordPayment
from services.erp.settlement.domain.payment import Allocation, Direction
from services.erp.valuation.domain.stock_value import StockValue
from services.erp.valuation.projections import StockValueChanges, stock_value
from services.scm.counting.domain.stock_counting import CountedItem
from services.scm.items.domain.goods import RequestedGoods
from services.scm.service import Scm
from services.scm.shipping.projections import Shipments
from services.scm.stock.projections import Stock
from services.srm.catalogue.domain.supplier_item import SupplierItemEntry
from services.srm.purchase_orders.commands import DraftPurchaseOrder
from services.srm.purchase_orders.domain.purchase_line import Line as PurchasedLine
from services.srm.purchase_orders.projections import PurchaseOrders
from services.srm.requisitions.projections import PurchaseRequests
from services.srm.service import Srm
from services.srm.suppliers.commands import RegisterSupplier
from shared import codec
from shared.bus.blocking_calls import run_inline
from shared.bus.inbox import Inbox
from shared.bus.inbox_consumer import InboxConsumer
from shared.message import Message
from shared.money import Money, UnitPrice, plain_number
from shared.projections import Projection
from shared.service import Service
from shared.testing.services import StoreFeed, get, get_or_none, open_service
from tests.unit.scm.examples import register_item, register_warehouse

WINDOW = 50

Row = dict[str, Any]
Delivery = Callable[[Sequence[Message]], Sequence[Message]]


def deliver_in_order(messages: Sequence[Message]) -> Sequence[Message]:
    """Each once, in order."""
    return messages


def deliver_out_of_order(seed: int) -> Delivery:
    """Messages come up to three times, in any order, and some not at all; the same disorder for the same seed."""
    chance = Random(seed)

    def carry(messages: Sequence[Message]) -> Sequence[Message]:
        come = [each for each in messages for _ in range(chance.choice((0, 1, 1, 2, 3)))]
        chance.shuffle(come)
        return come

    return carry


@dataclass
class Subscription:
    """The subscription of one service to another, as in its worker: missing messages are requested."""

    source: Service
    inbox: Inbox

    def __post_init__(self) -> None:
        self._consumer = InboxConsumer(self.inbox, self, run_inline)

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        """Return the published events after a position, as the source API does."""
        return self.source.store.published_events(position, limit)

    def pending_messages(self) -> Sequence[Message]:
        return self.source.store.published_events(self.inbox.position.sequence, WINDOW)

    def deliver(self, delivery: Delivery) -> bool:
        """Deliver all pending messages. Return whether there were any."""
        pending = self.pending_messages()
        if pending:
            asyncio.run(self._receive(delivery(pending), pending[-1].sequence))
        return bool(pending)

    async def _receive(self, messages: Sequence[Message], head: int) -> None:
        await self._consumer.consume((message.sequence, message) for message in messages)
        if self.inbox.position.sequence < head:
            await self._consumer.catch_up(head, self.inbox.hint)


class TradingFirm:
    """What a test of a flow needs of the four services; `deliver_all()` delivers all messages until none is pending."""

    def __init__(self, folder: Path, delivery: Delivery = deliver_in_order) -> None:
        self.crm, self.srm = open_service(Crm, folder), open_service(Srm, folder)
        self.scm, self.erp = open_service(Scm, folder), open_service(Erp, folder)
        self.services: dict[str, Service] = {each.NAME: each for each in (self.crm, self.srm, self.scm, self.erp)}
        self.feeds = {name: StoreFeed(each.store) for name, each in self.services.items()}
        for each in self.services.values():
            each.feeds = {source: self.feeds[source] for source in each.policies.wire_types_by_source()}
        self._delivery = delivery
        self._subscriptions = [
            Subscription(self.services[source], listener.inbox(source))
            for listener in self.services.values()
            for source in listener.policies.wire_types_by_source()
        ]

    # -- delivery

    def deliver_all(self, without: str = "") -> None:
        """Deliver everything and what follows from it; a service that is down receives and publishes nothing."""
        up = [line for line in self._subscriptions if without not in (line.source.NAME, line.inbox.service)]
        while sum(line.deliver(self._delivery) for line in up):
            continue
        for service in self.services.values():
            while service.read_models.process_batch():
                continue

    # -- what people do

    def create_master_data(self, *skus: str) -> UUID:
        """A warehouse, items, and a supplier who offers each of them at 6.00. The supplier's id."""
        register_warehouse(self.scm, "MAIN")
        requested = RegisterSupplier(code="MILL", name="Mill Ltd.", currency="USD", payment_terms_days=30)
        supplier = self.srm.suppliers.suppliers.register(requested)
        for sku in skus:
            register_item(self.scm, sku)
        self.deliver_all()
        for sku in skus:
            self.add_supplier_item(supplier.id, sku)
        self.deliver_all()
        return supplier.id

    def add_supplier_item(self, supplier_id: UUID, sku: str, **terms: Any) -> UUID:
        """The supplier offers the item, at 6.00 in three days unless other terms are given; the entry's id."""
        entry = {"supplier_id": supplier_id, "sku": sku, "unit_price": price_usd("6.00"), "lead_time_days": 3} | terms
        return self.srm.catalogue.supplier_items.register(SupplierItemEntry(**entry)).id

    def create_customer(self, code: str, limit: str | None = None) -> UUID:
        credit_limit = usd(limit) if limit else None
        customer = RegisterCustomer(
            code=code, name=code, currency="USD", payment_terms_days=30, credit_limit=credit_limit
        )
        customer_id = self.crm.customers.register(customer).id
        self.deliver_all()
        return customer_id

    def place_order(self, customer_id: UUID, *lines: tuple[str, str], freight: str = "0", **agreed: Any) -> UUID:
        """An order for these quantities at 10.00 each; its id."""
        price = price_usd("10.00")
        wanted = tuple(Line(sku=sku, quantity=Decimal(quantity), unit_price=price) for sku, quantity in lines)
        order = DraftSalesOrder(customer_id=customer_id, currency="USD", lines=wanted, freight=usd(freight), **agreed)
        return self.crm.sales_orders.place(self.crm.sales_orders.draft(order).id).id

    def send_purchase_order(
        self, supplier_id: UUID, *lines: tuple[str, str], price: str = "6.00", **agreed: Any
    ) -> UUID:
        """A purchase order sent; its id."""
        wanted = tuple(PurchasedLine(sku, Decimal(quantity), price_usd(price)) for sku, quantity in lines)
        draft = DraftPurchaseOrder(supplier_id=supplier_id, currency="USD", warehouse="MAIN", lines=wanted, **agreed)
        order = self.srm.purchase_orders.draft(draft)
        self.srm.purchase_orders.send(order.id)
        self.deliver_all()
        return order.id

    def receive_goods(self, purchase_order_id: UUID, *lines: tuple[str, str], on: date | None = None) -> UUID:
        """Goods have come; the receipt's id."""
        arrived = [RequestedGoods(**each) for each in goods(*lines)]
        return self.scm.receiving.receive(purchase_order_id, arrived, received_on=on).id

    def dispatch(self, order_id: UUID, *lines: tuple[str, str], on: date | None = None) -> None:
        """What is held for the order leaves; all of it unless lines are given."""
        leaving = [RequestedGoods(**each) for each in goods(*lines)] or None
        self.scm.fulfilment.dispatch_shipment(UUID(self.shipment(order_id)["id"]), leaving, dispatched_on=on)

    def count_stock(self, on: date, *lines: tuple[str, str]) -> UUID:
        """So much was in the warehouse at the end of a past day; the count's id."""
        counted = [CountedItem(**each) for each in goods(*lines)]
        return self.scm.counting.count_stock("MAIN", on, counted).id

    def pay_invoices(self, order_id: UUID) -> None:
        """Everything open on the order's invoices is paid."""
        for invoice in self.rows(self.erp, Invoices, sales_order_id=order_id):
            owed = Money(**invoice["open"])
            if owed:
                self.receive_payment(UUID(invoice["id"]), owed, datetime.now(UTC).date())

    def receive_payment(self, invoice_id: UUID, amount: Money, on: date) -> UUID:
        """The customer has paid so much of the invoice; the payment's id."""
        invoice = get(self.erp, Invoice, invoice_id)
        request = RecordPayment(
            direction=Direction.IN, party_id=invoice.customer_id, paid_on=on, amount=amount,
            allocations=(Allocation(invoice_id, amount),),
        )  # fmt: skip
        return self.erp.settlement.record_payment(request).id

    # -- what they see

    def status(self, order_id: UUID) -> str:
        return str(get(self.crm, SalesOrder, order_id).status)

    def rows(self, service: Service, report: type[Projection], **where: Any) -> list[Row]:
        return list(service.reader_for(report).iterate_rows(where))

    def shipment(self, order_id: UUID) -> Row:
        """The order's open shipment."""
        [row] = self.rows(self.scm, Shipments, sales_order_id=order_id, status="open")
        return row

    def stock(self, sku: str) -> tuple[str, str, str]:
        """On hand, reserved, available."""
        [row] = self.rows(self.scm, Stock, sku=sku)
        return row["on_hand"], row["reserved"], row["available"]

    def valued_quantity(self, sku: str) -> str:
        """How much of an item the books know of."""
        stock = get_or_none(self.erp, StockValue, StockValue.create_id(sku, "MAIN"))
        return plain_number(stock.quantity) if stock else "0"

    def requests(self) -> list[Row]:
        return self.rows(self.srm, PurchaseRequests)

    def purchase_orders(self, **where: Any) -> list[Row]:
        return self.rows(self.srm, PurchaseOrders, **where)

    def exposure(self, customer_id: UUID) -> str:
        owed = self.erp.receivables.get_credit_account(customer_id).exposure
        return str(owed.amount) if owed is not None else "0.00"

    def balances(self) -> dict[str, str]:
        """Debit less credit of each account, folded from ERP's log; accounts at zero left out."""
        sums: dict[str, Decimal] = {}
        for recorded in self.erp.store.log(0, 1_000_000, ["erp.JournalEntry.Posted"]):
            for posting in codec.decode_untyped(recorded.state)["postings"]:
                by = Decimal(posting["debit"]["amount"]) - Decimal(posting["credit"]["amount"])
                sums[posting["account"]] = sums.get(posting["account"], Decimal(0)) + by
        return {account: str(amount) for account, amount in sorted(sums.items()) if amount}

    def check_invariants(self) -> None:
        """Of books, stock and money, and nothing is parked; every read model equals one folded from zero."""
        balances = {account: Decimal(amount) for account, amount in self.balances().items()}
        assert sum(balances.values()) == 0
        changes = self.erp.reader_for(StockValueChanges)
        assert stock_value(changes, None, "USD")["totals"]["value"].amount == balances.get("1400", 0)
        owed = sum(Decimal(row["open"]["amount"]) for row in self.rows(self.erp, Invoices))
        assert owed == balances.get("1200", 0)
        for row in self.rows(self.scm, Stock):
            on_hand, reserved, available = (Decimal(row[each]) for each in ("on_hand", "reserved", "available"))
            assert available == on_hand - reserved >= 0
            assert self.valued_quantity(row["sku"]) == row["on_hand"]
        for service in self.services.values():
            assert not service.parked_messages.entries()
            assert all(each.is_equal for each in service.read_models.rebuild().values())

    def close(self) -> None:
        for service in self.services.values():
            service.store.close()


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def price_usd(amount: str) -> UnitPrice:
    return UnitPrice(amount, "USD")


def goods(*lines: tuple[str, str]) -> list[Row]:
    return [{"sku": sku, "quantity": Decimal(quantity)} for sku, quantity in lines]


@contextmanager
def open_firm(delivery: Delivery = deliver_in_order) -> Iterator[TradingFirm]:
    """With files of its own, which end with it."""
    with TemporaryDirectory() as folder:
        firm = TradingFirm(Path(folder), delivery)
        try:
            yield firm
        finally:
            firm.close()
