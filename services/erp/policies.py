"""What ERP does when another service says something."""

from collections.abc import Iterator

from services.erp.domain.billing import Billing, Dispatch, DispatchedLine, Promise, PromisedLine
from services.erp.domain.bookings import book_cost_of_goods, book_invoice, book_receipt
from services.erp.domain.books import Books
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.invoice import SERIES, Invoice
from services.erp.domain.purchase import Arrival, Price, Purchase, Receipt
from services.erp.domain.stock_value import Costing, StockValue
from shared.contracts import crm, scm, srm
from shared.domain import Aggregate, Find
from shared.policy import Policies

policies = Policies()


@policies.when(crm.CustomerRegistered)
def open_credit(registered: crm.CustomerRegistered, find: Find) -> Iterator[Aggregate]:
    """Let the customer owe as much as was agreed."""
    credit = find(CreditAccount, customer_id=registered.customer_id)
    credit.agree_terms(registered.currency, registered.credit_limit)
    yield credit


@policies.when(crm.CustomerTermsChanged)
def change_credit(changed: crm.CustomerTermsChanged, find: Find) -> Iterator[Aggregate]:
    """Judge by the new limit from now on; approve held orders that fit into it, oldest first."""
    credit = find(CreditAccount, customer_id=changed.customer_id)
    credit.agree_terms(None, changed.credit_limit)
    yield credit


@policies.when(crm.SalesOrderPlaced)
def check_credit(placed: crm.SalesOrderPlaced, find: Find) -> Iterator[Aggregate]:
    """Approve the order within the customer's credit, or hold it; remember its prices for the invoices."""
    lines = (PromisedLine(x.line, x.sku, x.quantity, x.unit_price, x.discount_percent) for x in placed.lines)
    promise = Promise(placed.customer_id, placed.payment_terms_days, tuple(lines), placed.freight)
    billing = find(Billing, order_id=placed.order_id, promise=promise)
    billing.order_placed(promise)
    yield billing
    if not billing.stopped:
        credit = find(CreditAccount, customer_id=placed.customer_id)
        credit.ask(placed.order_id, billing.unbilled)
        yield credit
    for dispatch in billing.waiting:
        yield from _invoice(billing, dispatch, find)


@policies.when(scm.ShipmentDispatched)
def book_cost_of_what_left(dispatched: scm.ShipmentDispatched, find: Find) -> Iterator[Aggregate]:
    """Take the goods that left out of stock at what they cost."""
    shipment, on = dispatched.shipment_id, dispatched.dispatched_on
    costings = []
    for each in dispatched.lines:
        stock = find(StockValue, sku=each.sku, warehouse=dispatched.warehouse)
        costings.append(stock.issue(shipment, on, each.quantity))
        yield stock
    yield from book_cost_of_goods(find(Books), shipment, on, costings)


@policies.when(scm.ShipmentDispatched)
def invoice_what_left(dispatched: scm.ShipmentDispatched, find: Find) -> Iterator[Aggregate]:
    """Invoice exactly the goods that left, at the promised prices; freight on the order's first invoice."""
    lines = tuple(DispatchedLine(each.line, each.quantity) for each in dispatched.lines)
    dispatch = Dispatch(dispatched.shipment_id, dispatched.dispatched_on, lines)
    billing = find(Billing, order_id=dispatched.order_id)
    if billing.promise:
        yield from _invoice(billing, dispatch, find)
    else:
        billing.wait_for_the_promise(dispatch)
        yield billing


@policies.when(scm.CancellationGranted)
def free_credit_of_the_cancelled(granted: scm.CancellationGranted, find: Find) -> Iterator[Aggregate]:
    """Nobody will owe what is not delivered any more: let other orders have the room."""
    yield from _stop(find(Billing, order_id=granted.order_id), find)


@policies.when(scm.OrderRefused)
def free_credit_of_the_refused(refused: scm.OrderRefused, find: Find) -> Iterator[Aggregate]:
    """Nobody will owe an order that cannot be filled: let other orders have the room."""
    yield from _stop(find(Billing, order_id=refused.order_id), find)


@policies.when(srm.PurchaseOrderSent)
def remember_prices(sent: srm.PurchaseOrderSent, find: Find) -> Iterator[Aggregate]:
    """Know what ordered goods cost; value those that arrived before their price was heard."""
    purchase = find(Purchase, purchase_order_id=sent.purchase_order_id)
    waiting = purchase.order_sent(sent.supplier_id, tuple(Price(each.line, each.unit_price) for each in sent.lines))
    yield purchase
    for receipt in waiting:
        yield from _take_into_stock(purchase, receipt, find)


@policies.when(scm.GoodsReceived)
def value_receipt(received: scm.GoodsReceived, find: Find) -> Iterator[Aggregate]:
    """Take arrived goods into stock at the order price, owed to the supplier until the bill comes."""
    purchase = find(Purchase, purchase_order_id=received.purchase_order_id)
    arrivals = []
    for each in received.lines:
        arrival = Arrival(each.line, each.sku, each.quantity)
        if not purchase.priced:
            stock = find(StockValue, sku=each.sku, warehouse=received.warehouse)
            place = stock.announce(received.receipt_id, received.received_on, each.quantity)
            arrival = Arrival(each.line, each.sku, each.quantity, place)
            yield stock
        arrivals.append(arrival)
    receipt = Receipt(received.receipt_id, received.warehouse, received.received_on, tuple(arrivals))
    purchase.goods_received(receipt)
    yield purchase
    if purchase.priced:
        yield from _take_into_stock(purchase, receipt, find)


def _invoice(billing: Billing, dispatch: Dispatch, find: Find) -> Iterator[Aggregate]:
    lines, freight = billing.bill(dispatch)
    number = find.number(SERIES)
    invoice = Invoice.post(number, billing.terms, dispatch.shipment_id, dispatch.dispatched_on, lines, freight)
    yield from (billing, invoice, *book_invoice(find(Books), invoice))


def _stop(billing: Billing, find: Find) -> Iterator[Aggregate]:
    if billing.stopped:
        return
    billing.stop()
    yield billing
    if billing.promise:
        credit = find(CreditAccount, customer_id=billing.known.customer_id)
        credit.drop(billing.order_id, billing.unbilled)
        yield credit


def _take_into_stock(purchase: Purchase, receipt: Receipt, find: Find) -> Iterator[Aggregate]:
    costings: list[Costing] = []
    for each in receipt.arrivals:
        stock = find(StockValue, sku=each.sku, warehouse=receipt.warehouse)
        cost = purchase.cost_of(each)
        costings.append(stock.receive(receipt.receipt_id, receipt.received_on, each.quantity, cost, each.place))
        yield stock
    yield from book_receipt(find(Books), receipt.receipt_id, purchase.supplier, receipt.received_on, costings)
