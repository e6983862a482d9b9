"""A small firm in memory: it sells what it has, and its services receive events when the test delivers them."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from services.crm.customers.commands import RegisterCustomer
from services.crm.sales_orders.commands import AmendSalesOrder, DraftSalesOrder, Line
from services.crm.sales_orders.domain.order_terms import BackorderPolicy
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.projections import SalesOrders
from services.crm.service import Crm
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.receivables.projections.invoices import Invoices
from services.erp.service import Erp
from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.service import Scm
from services.scm.shipping.projections import Shipments
from services.scm.stock.projections import Stock
from shared.fields import UNSET
from shared.money import Money, UnitPrice
from shared.service import Service
from shared.testing.services import ConnectedServices, deliver, get, open_service
from tests.unit.scm.examples import a_purchase_order, goods, register_item, register_warehouse

Lines = dict[str, tuple[int, str]]


def usd(amount: str | int) -> Money:
    return Money(amount, "USD")


class SellingFirm:
    """One customer, one warehouse MAIN, and its stock; `lines` are `{"CHAI": (quantity, price)}`."""

    def __init__(self, folder: Path, limit: str | None = None, **stock: int) -> None:
        self.crm, self.scm, self.erp = open_service(Crm, folder), open_service(Scm, folder), open_service(Erp, folder)
        self.services = ConnectedServices(self.crm, self.scm, self.erp)
        register_warehouse(self.scm, "MAIN")
        for sku in stock:
            register_item(self.scm, sku)
        self.receive(**stock)
        customer = RegisterCustomer(
            code="ALFKI", name="Alfreds", currency="USD", credit_limit=usd(limit) if limit else None
        )
        self.customer = self.crm.customers.register(customer).id
        self.services.deliver_all()

    def close(self) -> None:
        for service in (self.crm, self.scm, self.erp):
            service.store.close()
            service.read_models.close()

    def receive(self, **stock: int) -> None:
        arrived = {sku: quantity for sku, quantity in stock.items() if quantity}
        if arrived:
            sent = a_purchase_order(**arrived)
            deliver(self.scm, sent)
            self.scm.receiving.receive(sent.purchase_order_id, goods(**arrived))

    def order(self, freight: str = "0", backorder: str = "allow", **lines: tuple[int, str]) -> UUID:
        """Place an order; the other services have not received it yet. Return its id."""
        drafted = self.draft(
            promised(lines), freight=usd(freight), backorder=BackorderPolicy(backorder), warehouse="MAIN"
        )
        return self.crm.sales_orders.place(drafted.id).id

    def draft(self, lines: tuple[Line, ...], **other: Any) -> SalesOrder:
        order = DraftSalesOrder(customer_id=self.customer, currency="USD", lines=lines, **other)
        return self.crm.sales_orders.draft(order)

    def amend(self, order_id: UUID, freight: str | None = None, **lines: tuple[int, str]) -> None:
        changes = AmendSalesOrder(lines=promised(lines) if lines else UNSET, freight=usd(freight) if freight else UNSET)
        self.crm.sales_orders.amend(order_id, changes)

    def dispatch(self, order_id: UUID, **quantities: int) -> None:
        """All that is held, or these quantities of it."""
        shipment_id = self.open_shipment(order_id)
        assert shipment_id
        self.scm.fulfilment.dispatch_shipment(shipment_id, goods(**quantities) if quantities else None)

    def open_shipment(self, order_id: UUID) -> UUID | None:
        where = {"sales_order_id": (order_id,), "status": ("open",)}
        return next((UUID(each["id"]) for each in self.rows(self.scm, Shipments).iterate_rows(where=where)), None)

    # -- what is shown

    def shown(self, order_id: UUID) -> dict[str, Any]:
        row: dict[str, Any] = self.rows(self.crm, SalesOrders).get(order_id)
        return row

    def progress(self, order_id: UUID) -> dict[str, list[str]]:
        """Ordered, reserved, shipped, invoiced of each line, by its sku and price."""
        return {
            f"{each['sku']} at {each['unit_price']['amount']}":
                [each[what] for what in ("ordered", "reserved", "shipped", "invoiced")]
            for each in self.shown(order_id)["lines"]
        }  # fmt: skip

    def stock(self, sku: str) -> dict[str, str]:
        (row,) = self.rows(self.scm, Stock).iterate_rows(where={"sku": (sku,)})
        return {name: row[name] for name in ("on_hand", "reserved", "available", "backordered")}

    def invoices(self, order_id: UUID) -> list[dict[str, Any]]:
        return list(self.rows(self.erp, Invoices).iterate_rows(where={"sales_order_id": (order_id,)}, sort=("number",)))

    def totals(self, order_id: UUID) -> list[str]:
        return [each["total"]["amount"] for each in self.invoices(order_id)]

    @property
    def exposure(self) -> str:
        return str(self.erp.receivables.get_credit_account(self.customer).exposure_in("USD").amount)

    def fulfilment(self, order_id: UUID) -> Fulfilment:
        return get(self.scm, Fulfilment, Fulfilment.create_id(order_id))

    def billing(self, order_id: UUID) -> SalesOrderInvoicing:
        return get(self.erp, SalesOrderInvoicing, SalesOrderInvoicing.create_id(order_id))

    def rows(self, service: Service, report: Any) -> Any:
        while service.read_models.process_batch():
            pass
        return service.reader_for(report)

    def parked(self) -> int:
        """Return how many messages the services could not apply."""
        services = (self.crm, self.scm, self.erp)
        return sum(len(list(each.store.log(0, 100_000, ["shared.ParkedMessage.Parked"]))) for each in services)


def promised(lines: Lines) -> tuple[Line, ...]:
    return tuple(
        Line(sku=sku.partition("_")[0], quantity=Decimal(quantity), unit_price=UnitPrice(price, "USD"))
        for sku, (quantity, price) in lines.items()
    )
