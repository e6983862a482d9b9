"""Random trade of a firm with all four services in memory; what is refused is left out."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from services.crm.customers.commands import RegisterCustomer
from services.crm.sales_orders.commands import DraftSalesOrder, Line
from services.crm.service import Crm
from services.erp.receivables.projections.invoices import Invoices
from services.erp.service import Erp
from services.erp.settlement.commands.payments import RecordPayment
from services.erp.settlement.domain.payment import Allocation, Direction
from services.scm.counting.domain.stock_counting import CountedItem
from services.scm.items.domain.goods import RequestedGoods
from services.scm.service import Scm
from services.scm.shipping.projections import Shipments
from services.srm.purchase_orders.commands import DraftPurchaseOrder
from services.srm.purchase_orders.domain.purchase_line import Line as PurchasedLine
from services.srm.purchase_orders.projections import PurchaseOrders
from services.srm.service import Srm
from services.srm.suppliers.commands import RegisterSupplier
from shared.domain import DomainError
from shared.money import Money, UnitPrice
from shared.testing.services import ConnectedServices, open_service, reader
from tests.unit.scm.examples import register_item, register_warehouse

SKUS = ("CHAI-2", "CHAI-10", "TOFU")
DAYS = [date(2025, 12, 1) + timedelta(days=number) for number in range(70)]
PERIODS = ("2025-12", "2026-01")


class RandomTrade:
    """A firm with two customers, a supplier and two warehouses; each step is one command or some deliveries."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.crm, self.srm = open_service(Crm, folder), open_service(Srm, folder)
        self.scm, self.erp = open_service(Scm, folder), open_service(Erp, folder)
        self.services = ConnectedServices(self.crm, self.srm, self.scm, self.erp)
        for code in ("MAIN", "PORT"):
            register_warehouse(self.scm, code)
        for sku in SKUS:
            register_item(self.scm, sku)
        customers = [RegisterCustomer(code=code, name=code, currency="USD") for code in ("ALFKI", "ANTON")]
        self.customers = [self.crm.customers.register(each).id for each in customers]
        supplier = RegisterSupplier(code="MILL", name="Mill Ltd.", currency="USD", payment_terms_days=30)
        self.supplier = self.srm.suppliers.suppliers.register(supplier).id
        self.orders: list[UUID] = []
        self.purchases: list[UUID] = []
        self.services.deliver_all()

    def close(self) -> None:
        for service in self.services.services.values():
            service.store.close()
            service.read_models.close()

    def step(self) -> None:
        often = self.order, self.buy, self.receive, self.receive, self.dispatch, self.deliver, self.deliver
        seldom = self.count, self.pay, self.cancel_order, self.end_purchase, self.close_period
        try:
            self.random.choice([*often, *often, *seldom])()
        except DomainError:
            return

    @property
    def day(self) -> date:
        return self.random.choice(DAYS)

    def _quantities(self) -> list[tuple[str, Decimal]]:
        skus = self.random.sample(SKUS, self.random.randint(1, 2))
        return [(sku, Decimal(self.random.randint(1, 40)) / 2) for sku in skus]

    def _price(self) -> UnitPrice:
        return UnitPrice(Decimal(self.random.randint(1, 5000)) / 100, "USD")

    def _warehouse(self) -> str:
        return self.random.choice(("MAIN", "MAIN", "PORT"))

    def _one_of(self, ids: Sequence[Any]) -> Any:
        """Return one of these. Raises DomainError if there are none."""
        if not ids:
            raise DomainError("there are none yet")
        return self.random.choice(ids)

    def order(self) -> None:
        """Draft an order, and place it most of the time."""
        wanted = [(sku, each / 2) for sku, each in self._quantities()]
        lines = tuple(Line(sku=sku, quantity=each, unit_price=self._price()) for sku, each in wanted)
        draft = DraftSalesOrder(
            number=f"SO-{self.random.randint(1, 200)}", customer_id=self.random.choice(self.customers),
            currency="USD", lines=lines, ordered_on=self.day, warehouse=self._warehouse(),
        )  # fmt: skip
        order = self.crm.sales_orders.draft(draft).id
        self.orders.append(order)
        if self.random.random() < 0.8:
            self.crm.sales_orders.place(order)

    def cancel_order(self) -> None:
        self.crm.sales_orders.cancel(self._one_of(self.orders), "changed their mind")

    def buy(self) -> None:
        """Draft a purchase order, and send it most of the time."""
        lines = tuple(PurchasedLine(sku, each, self._price()) for sku, each in self._quantities())
        draft = DraftPurchaseOrder(
            supplier_id=self.supplier, currency="USD", warehouse=self._warehouse(), lines=lines
        )  # fmt: skip
        purchase = self.srm.purchase_orders.draft(draft).id
        self.purchases.append(purchase)
        if self.random.random() < 0.9:
            self.srm.purchase_orders.send(purchase)

    def end_purchase(self) -> None:
        commands = self.srm.purchase_orders
        self.random.choice((commands.close, commands.cancel))(self._one_of(self.purchases), "enough")

    def receive(self) -> None:
        """Receive some or all goods of a line of a purchase order, on any day."""
        purchase = self._one_of(reader(self.srm, PurchaseOrders).list_rows({"status": ("sent", "partly_received")}))
        line = self._one_of([each for each in purchase["lines"] if each["open"] != "0"])
        quantity = Decimal(line["open"]) / self.random.choice((1, 1, 2))
        arrived = [RequestedGoods(line["sku"], quantity)]
        self.scm.receiving.receive(UUID(purchase["id"]), arrived, received_on=self.day)

    def dispatch(self) -> None:
        """Dispatch an open shipment, on any day."""
        shipment = self._one_of(reader(self.scm, Shipments).list_rows({"status": "open"}))
        self.scm.fulfilment.dispatch_shipment(UUID(shipment["id"]), None, dispatched_on=self.day)

    def count(self) -> None:
        counted = [CountedItem(sku, each) for sku, each in self._quantities()]
        self.scm.counting.count_stock(self._warehouse(), self.day, counted)

    def pay(self) -> None:
        """Pay an invoice in full."""
        invoice = self._one_of(reader(self.erp, Invoices).list_rows({"status": "open"}))
        amount = Money(**invoice["open"])
        request = RecordPayment(
            direction=Direction.IN, party_id=UUID(invoice["customer_id"]), paid_on=self.day, amount=amount,
            allocations=(Allocation(UUID(invoice["id"]), amount),),
        )  # fmt: skip
        self.erp.settlement.record_payment(request)

    def close_period(self) -> None:
        """Close a period; what is received later of its days is posted on the first open day."""
        self.erp.ledger.close_period(self.random.choice(PERIODS))

    def deliver(self) -> None:
        """Deliver all messages, or some."""
        if self.random.random() < 0.6:
            self.services.deliver_all()
        for _ in range(self.random.randint(1, 6)):
            self.services.deliver_one(self.random.randint(0, 9))
