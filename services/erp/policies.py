"""What ERP does when another service says something."""

from collections.abc import Iterable, Iterator

from services.erp.domain.accounting_periods import AccountingPeriods
from services.erp.domain.bookings import book_cost_of_goods, book_count, book_invoice
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.invoice import SERIES, Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.line_match import AgreedLine
from services.erp.domain.order_terms import DispatchedLine, DispatchedShipment, OrderedLine, OrderTerms
from services.erp.domain.purchase_valuation import Price, PurchaseValuation, Receipt, ReceiptLine
from services.erp.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.domain.stock_value import StockValue
from services.erp.domain.supplier_account import SupplierAccount
from services.erp.domain.three_way_match import agree_anew
from services.erp.domain.valuation import await_prices, revalue, take_back, take_in
from shared.contracts import crm, scm, srm
from shared.domain import Aggregate, Find
from shared.money import Money
from shared.policy import Policies

policies = Policies()

PAYMENTS = "payments"
"""What a supplier may be blocked for, as SRM calls it."""


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
    promise = OrderTerms(placed.customer_id, placed.payment_terms_days, _promised(placed.lines), placed.freight)
    billing = find(SalesOrderInvoicing, order_id=placed.order_id, order_terms=promise)
    billing.order_placed(promise)
    yield billing
    if not billing.stopped:
        credit = find(CreditAccount, customer_id=placed.customer_id)
        credit.ask(placed.order_id, billing.counted)
        yield credit
    for dispatch in billing.waiting:
        yield from _invoice(billing, dispatch, find)


@policies.when(crm.SalesOrderAmendmentRequested)
def check_credit_again(requested: crm.SalesOrderAmendmentRequested, find: Find) -> Iterator[Aggregate]:
    """Approve the amended order where what it comes to more is within the credit, or hold it as a whole."""
    billing = find(SalesOrderInvoicing, order_id=requested.order_id)
    credit = find(CreditAccount, customer_id=requested.customer_id)
    promise, before = billing.known.amended(_promised(requested.lines), requested.freight), billing.counted
    if billing.amendment_asked(requested.revision, promise, credit.held_revisions.get(requested.order_id)):
        credit.ask(requested.order_id, billing.counted - before, requested.revision)
        yield from (billing, credit)


@policies.when(scm.AmendmentAccepted)
def invoice_as_amended(accepted: scm.AmendmentAccepted, find: Find) -> Iterator[Aggregate]:
    """Invoice what leaves from now on as amended; what the order comes to less is room for others."""
    billing = find(SalesOrderInvoicing, order_id=accepted.order_id)
    before = billing.counted
    billing.amendment_accepted(accepted.revision)
    yield from _free(billing, before, find)


@policies.when(scm.AmendmentRefused)
def free_credit_of_the_amendment(refused: scm.AmendmentRefused, find: Find) -> Iterator[Aggregate]:
    """The order is what it was: what it would have come to more is room for others."""
    billing = find(SalesOrderInvoicing, order_id=refused.order_id)
    if not billing.stopped:
        before = billing.counted
        billing.amendment_refused(refused.revision)
        yield from _free(billing, before, find)


@policies.when(scm.ShipmentDispatched)
def book_cost_of_what_left(dispatched: scm.ShipmentDispatched, find: Find) -> Iterator[Aggregate]:
    """Take the goods that left out of stock at what they cost."""
    shipment, on = dispatched.shipment_id, dispatched.dispatched_on
    costings = []
    for each in dispatched.lines:
        stock = find(StockValue, sku=each.sku, warehouse=dispatched.warehouse)
        costings.append(stock.issue(shipment, on, each.quantity))
        yield stock
    yield from book_cost_of_goods(find(AccountingPeriods), shipment, on, costings)


@policies.when(scm.ShipmentDispatched)
def invoice_what_left(dispatched: scm.ShipmentDispatched, find: Find) -> Iterator[Aggregate]:
    """Invoice exactly the goods that left, at the promised prices; freight on the order's first invoice."""
    lines = tuple(DispatchedLine(each.line, each.quantity) for each in dispatched.lines)
    dispatch = DispatchedShipment(dispatched.shipment_id, dispatched.dispatched_on, lines)
    billing = find(SalesOrderInvoicing, order_id=dispatched.order_id)
    if billing.promise:
        yield from _invoice(billing, dispatch, find)
    else:
        billing.wait_for_the_promise(dispatch)
        yield billing


@policies.when(scm.CancellationGranted)
def free_credit_of_the_cancelled(granted: scm.CancellationGranted, find: Find) -> Iterator[Aggregate]:
    """Nobody will owe what is not delivered any more: let other orders have the room."""
    yield from _stop(find(SalesOrderInvoicing, order_id=granted.order_id), find)


@policies.when(scm.OrderRejected)
def free_credit_of_the_refused(refused: scm.OrderRejected, find: Find) -> Iterator[Aggregate]:
    """Nobody will owe an order that cannot be filled: let other orders have the room."""
    yield from _stop(find(SalesOrderInvoicing, order_id=refused.order_id), find)


@policies.when(srm.PurchaseOrderSent)
def remember_prices(sent: srm.PurchaseOrderSent, find: Find) -> Iterator[Aggregate]:
    """Know what ordered goods cost; value those that arrived before their price was heard."""
    purchase = find(PurchaseValuation, purchase_order_id=sent.purchase_order_id)
    waiting = purchase.order_sent(sent.supplier_id, _prices(sent.lines))
    yield purchase
    yield _matching(sent, find)
    for receipt in waiting:
        yield from take_in(purchase, receipt, find)


@policies.when(srm.PurchaseOrderRevised)
def value_at_the_revised_price(revised: srm.PurchaseOrderRevised, find: Find) -> Iterator[Aggregate]:
    """Know what the order costs now; goods that are here already are worth the new price, those that left cost it."""
    purchase = find(PurchaseValuation, purchase_order_id=revised.purchase_order_id)
    waiting, repriced = purchase.order_revised(revised.revision, _prices(revised.lines))
    yield purchase
    yield from agree_anew(revised.purchase_order_id, _agreed(revised.lines), find)
    for receipt in waiting:
        yield from take_in(purchase, receipt, find)
    yield from revalue(purchase, revised.revision, repriced, find)


@policies.when(scm.GoodsReceived)
def value_receipt(received: scm.GoodsReceived, find: Find) -> Iterator[Aggregate]:
    """Take arrived goods into stock at the order price, owed to the supplier until the bill comes."""
    purchase = find(PurchaseValuation, purchase_order_id=received.purchase_order_id)
    arrivals = tuple(ReceiptLine(each.line, each.sku, each.quantity) for each in received.lines)
    receipt = Receipt(received.receipt_id, received.warehouse, received.received_on, arrivals)
    if purchase.knows_prices_of(receipt):
        purchase.goods_received(receipt)
        yield from (purchase, *take_in(purchase, receipt, find))
    else:
        yield from await_prices(purchase, receipt, find)


@policies.when(scm.GoodsReceiptReversed)
def take_receipt_back(reversed_: scm.GoodsReceiptReversed, find: Find) -> Iterator[Aggregate]:
    """A receipt was a mistake: its goods were never there, nothing is owed for them, what left cost what remains."""
    purchase = find(PurchaseValuation, purchase_order_id=reversed_.purchase_order_id)
    receipt = purchase.receipt_reversed(reversed_.receipt_id)
    yield purchase
    if receipt is not None:
        yield from take_back(purchase, receipt, find)


@policies.when(scm.StockCounted)
def book_the_count(counted: scm.StockCounted, find: Find) -> Iterator[Aggregate]:
    """What was missed is a cost, what was found is worth the average; late news changes that, never the count."""
    costings = []
    for each in counted.lines:
        stock = find(StockValue, sku=each.sku, warehouse=counted.warehouse)
        costings.append(stock.count(counted.count_id, counted.counted_on, each.quantity))
        yield stock
    yield from book_count(find(AccountingPeriods), counted.count_id, counted.counted_on, costings)


def _prices(lines: Iterable[srm.PurchaseLine]) -> tuple[Price, ...]:
    return tuple(Price(each.line, each.unit_price, each.sku, each.quantity) for each in lines)


@policies.when(srm.SupplierRegistered)
def open_supplier_account(registered: srm.SupplierRegistered, find: Find) -> Iterator[Aggregate]:
    """Know when the supplier's bills are due."""
    account = find(SupplierAccount, supplier_id=registered.supplier_id)
    account.agree_terms(registered.payment_terms_days)
    yield account


@policies.when(srm.SupplierBlocked)
def stop_paying(blocked: srm.SupplierBlocked, find: Find) -> Iterator[Aggregate]:
    """Pay the supplier nothing until the block is lifted."""
    if PAYMENTS in blocked.purposes:
        account = find(SupplierAccount, supplier_id=blocked.supplier_id)
        account.block_payments(blocked.reason)
        yield account


@policies.when(srm.SupplierUnblocked)
def pay_again(unblocked: srm.SupplierUnblocked, find: Find) -> Iterator[Aggregate]:
    """The supplier may be paid."""
    if PAYMENTS in unblocked.purposes:
        account = find(SupplierAccount, supplier_id=unblocked.supplier_id)
        account.unblock_payments()
        yield account


def _matching(sent: srm.PurchaseOrderSent, find: Find) -> InvoiceMatching:
    return find(
        InvoiceMatching,
        purchase_order_id=sent.purchase_order_id,
        number=sent.number,
        supplier_id=sent.supplier_id,
        currency=sent.currency,
        lines=_agreed(sent.lines),
    )


def _agreed(lines: Iterable[srm.PurchaseLine]) -> tuple[AgreedLine, ...]:
    return tuple(AgreedLine(each.line, each.sku, each.unit_price) for each in lines)


def _invoice(billing: SalesOrderInvoicing, dispatch: DispatchedShipment, find: Find) -> Iterator[Aggregate]:
    lines, freight = billing.bill(dispatch)
    number = find.number(SERIES)
    invoice = Invoice.post(number, billing.terms, dispatch.shipment_id, dispatch.dispatched_on, lines, freight)
    yield from (billing, invoice, *book_invoice(find(AccountingPeriods), invoice))


def _promised(lines: Iterable[crm.OrderLine]) -> tuple[OrderedLine, ...]:
    return tuple(OrderedLine(x.line, x.sku, x.quantity, x.unit_price, x.discount_percent) for x in lines)


def _free(billing: SalesOrderInvoicing, before: Money, find: Find) -> Iterator[Aggregate]:
    yield billing
    if before != billing.counted:
        credit = find(CreditAccount, customer_id=billing.known.customer_id)
        credit.drop(billing.order_id, before - billing.counted)
        yield credit


def _stop(billing: SalesOrderInvoicing, find: Find) -> Iterator[Aggregate]:
    if billing.stopped:
        return
    billing.stop()
    yield billing
    if billing.promise:
        credit = find(CreditAccount, customer_id=billing.known.customer_id)
        credit.drop(billing.order_id, billing.unbilled)
        yield credit
