"""Policies of ERP: reactions to events of other services."""

from collections.abc import Iterable, Iterator

from services.erp.domain.accounting_periods import AccountingPeriods
from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.invoice import INVOICE_SERIES, Invoice
from services.erp.domain.invoice_matching import InvoiceMatching
from services.erp.domain.line_match import AgreedLine
from services.erp.domain.order_terms import DispatchedLine, DispatchedShipment, OrderedLine, OrderTerms
from services.erp.domain.postings import post_cost_of_goods, post_invoice, post_stock_count
from services.erp.domain.purchase_valuation import AgreedPrice, PurchaseValuation, Receipt, ReceiptLine
from services.erp.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.domain.stock_value import StockValue
from services.erp.domain.supplier_account import SupplierAccount
from services.erp.domain.three_way_matching import revise_prices
from services.erp.domain.valuation import queue_unpriced_receipt, receive_into_stock, revalue_receipts, reverse_receipt
from shared.contracts import crm, scm, srm
from shared.domain import Aggregate, UnitOfWork
from shared.money import Money
from shared.policies import Policies

policies = Policies()

PAYMENTS_PURPOSE = "payments"
"""The purpose for which SRM blocks payments to a supplier."""


@policies.when(crm.CustomerRegistered)
def open_credit_account(registered: crm.CustomerRegistered, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Open the customer's credit account with the agreed limit."""
    credit = uow.get_or_create(CreditAccount, customer_id=registered.customer_id)
    credit.change_terms(registered.currency, registered.credit_limit)
    yield credit


@policies.when(crm.CustomerTermsChanged)
def change_credit_terms(changed: crm.CustomerTermsChanged, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Apply the new credit limit; approve held orders that fit into it, oldest first."""
    credit = uow.get_or_create(CreditAccount, customer_id=changed.customer_id)
    credit.change_terms(None, changed.credit_limit)
    yield credit


@policies.when(crm.SalesOrderPlaced)
def check_credit(placed: crm.SalesOrderPlaced, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Approve the order within the customer's credit limit, or hold it; keep its prices for invoicing."""
    terms = OrderTerms(placed.customer_id, placed.payment_terms_days, _sales_order_lines(placed.lines), placed.freight)
    invoicing = uow.get_or_create(SalesOrderInvoicing, order_id=placed.order_id, order_terms=terms)
    invoicing.order_placed(terms)
    yield invoicing
    if not invoicing.is_closed:
        credit = uow.get_or_create(CreditAccount, customer_id=placed.customer_id)
        credit.check_order(placed.order_id, invoicing.credit_amount)
        yield credit
    for dispatch in invoicing.queued_dispatches:
        yield from _create_invoice(invoicing, dispatch, uow)


@policies.when(crm.SalesOrderAmendmentRequested)
def check_amendment_credit(requested: crm.SalesOrderAmendmentRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Approve the amended order if its increase is within the credit limit, or hold it as a whole."""
    invoicing = uow.get_or_create(SalesOrderInvoicing, order_id=requested.order_id)
    credit = uow.get_or_create(CreditAccount, customer_id=requested.customer_id)
    terms, before = (
        invoicing.order_terms.amend(_sales_order_lines(requested.lines), requested.freight),
        invoicing.credit_amount,
    )
    if invoicing.request_amendment(requested.revision, terms, credit.held_revisions.get(requested.order_id)):
        credit.check_order(requested.order_id, invoicing.credit_amount - before, requested.revision)
        yield from (invoicing, credit)


@policies.when(scm.AmendmentAccepted)
def invoice_as_amended(accepted: scm.AmendmentAccepted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Invoice later shipments on the amended terms; release the credit that is no longer needed."""
    invoicing = uow.get_or_create(SalesOrderInvoicing, order_id=accepted.order_id)
    before = invoicing.credit_amount
    invoicing.amendment_accepted(accepted.revision)
    yield from _release_credit(invoicing, before, uow)


@policies.when(scm.AmendmentRefused)
def release_credit_of_refused_amendment(refused: scm.AmendmentRefused, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Keep the order as it was; release the credit of the refused amendment."""
    invoicing = uow.get_or_create(SalesOrderInvoicing, order_id=refused.order_id)
    if not invoicing.is_closed:
        before = invoicing.credit_amount
        invoicing.amendment_refused(refused.revision)
        yield from _release_credit(invoicing, before, uow)


@policies.when(scm.ShipmentDispatched)
def post_cost_of_shipment(dispatched: scm.ShipmentDispatched, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take dispatched goods out of stock and post their cost."""
    shipment, on = dispatched.shipment_id, dispatched.dispatched_on
    costings = []
    for each in dispatched.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=dispatched.warehouse)
        costings.append(stock.issue(shipment, on, each.quantity))
        yield stock
    yield from post_cost_of_goods(uow.get_or_create(AccountingPeriods), shipment, on, costings)


@policies.when(scm.ShipmentDispatched)
def invoice_shipment(dispatched: scm.ShipmentDispatched, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Invoice exactly the dispatched goods at the agreed prices; freight on the order's first invoice."""
    lines = tuple(DispatchedLine(each.line, each.quantity) for each in dispatched.lines)
    dispatch = DispatchedShipment(dispatched.shipment_id, dispatched.dispatched_on, lines)
    invoicing = uow.get_or_create(SalesOrderInvoicing, order_id=dispatched.order_id)
    if invoicing.order_terms_or_none:
        yield from _create_invoice(invoicing, dispatch, uow)
    else:
        invoicing.await_order(dispatch)
        yield invoicing


@policies.when(scm.CancellationGranted)
def release_credit_of_cancelled_order(granted: scm.CancellationGranted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Release the credit of goods that will not be delivered; approve held orders that then fit."""
    yield from _close_order(uow.get_or_create(SalesOrderInvoicing, order_id=granted.order_id), uow)


@policies.when(scm.OrderRejected)
def release_credit_of_refused_order(refused: scm.OrderRejected, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Release the credit of an order that cannot be fulfilled; approve held orders that then fit."""
    yield from _close_order(uow.get_or_create(SalesOrderInvoicing, order_id=refused.order_id), uow)


@policies.when(srm.PurchaseOrderSent)
def record_purchase_prices(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the agreed prices; value goods that were received before their prices were known."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=sent.purchase_order_id)
    waiting = purchase.order_sent(sent.supplier_id, _prices(sent.lines))
    yield purchase
    yield _get_or_create_matching(sent, uow)
    for receipt in waiting:
        yield from receive_into_stock(purchase, receipt, uow)


@policies.when(srm.PurchaseOrderRevised)
def revalue_at_revised_prices(revised: srm.PurchaseOrderRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Revalue stock on hand and cost of goods sold at the revised prices."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=revised.purchase_order_id)
    waiting, repriced = purchase.order_revised(revised.revision, _prices(revised.lines))
    yield purchase
    yield from revise_prices(revised.purchase_order_id, _agreed_lines(revised.lines), uow)
    for receipt in waiting:
        yield from receive_into_stock(purchase, receipt, uow)
    yield from revalue_receipts(purchase, revised.revision, repriced, uow)


@policies.when(scm.GoodsReceived)
def value_receipt(received: scm.GoodsReceived, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Take received goods into stock at the order price, as goods received not invoiced."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=received.purchase_order_id)
    arrivals = tuple(ReceiptLine(each.line, each.sku, each.quantity) for each in received.lines)
    receipt = Receipt(received.receipt_id, received.warehouse, received.received_on, arrivals)
    if purchase.has_prices_for(receipt):
        purchase.goods_received(receipt)
        yield from (purchase, *receive_into_stock(purchase, receipt, uow))
    else:
        yield from queue_unpriced_receipt(purchase, receipt, uow)


@policies.when(scm.GoodsReceiptReversed)
def reverse_receipt_value(reversed_: scm.GoodsReceiptReversed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reverse the receipt in stock value, goods received not invoiced and cost of goods sold."""
    purchase = uow.get_or_create(PurchaseValuation, purchase_order_id=reversed_.purchase_order_id)
    receipt = purchase.receipt_reversed(reversed_.receipt_id)
    yield purchase
    if receipt is not None:
        yield from reverse_receipt(purchase, receipt, uow)


@policies.when(scm.StockCounted)
def value_stock_count(counted: scm.StockCounted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Post missing goods as a cost and surplus goods at average cost; late movements change that, never the count."""
    costings = []
    for each in counted.lines:
        stock = uow.get_or_create(StockValue, sku=each.sku, warehouse=counted.warehouse)
        costings.append(stock.count(counted.count_id, counted.counted_on, each.quantity))
        yield stock
    yield from post_stock_count(uow.get_or_create(AccountingPeriods), counted.count_id, counted.counted_on, costings)


def _prices(lines: Iterable[srm.PurchaseLine]) -> tuple[AgreedPrice, ...]:
    return tuple(AgreedPrice(each.line, each.unit_price, each.sku, each.quantity) for each in lines)


@policies.when(srm.SupplierRegistered)
def open_supplier_account(registered: srm.SupplierRegistered, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the supplier's payment terms."""
    account = uow.get_or_create(SupplierAccount, supplier_id=registered.supplier_id)
    account.agree_terms(registered.payment_terms_days)
    yield account


@policies.when(srm.SupplierBlocked)
def block_supplier_payments(blocked: srm.SupplierBlocked, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Block payments to the supplier."""
    if PAYMENTS_PURPOSE in blocked.purposes:
        account = uow.get_or_create(SupplierAccount, supplier_id=blocked.supplier_id)
        account.block_payments(blocked.reason)
        yield account


@policies.when(srm.SupplierUnblocked)
def unblock_supplier_payments(unblocked: srm.SupplierUnblocked, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Allow payments to the supplier again."""
    if PAYMENTS_PURPOSE in unblocked.purposes:
        account = uow.get_or_create(SupplierAccount, supplier_id=unblocked.supplier_id)
        account.unblock_payments()
        yield account


def _get_or_create_matching(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> InvoiceMatching:
    return uow.get_or_create(
        InvoiceMatching,
        purchase_order_id=sent.purchase_order_id,
        number=sent.number,
        supplier_id=sent.supplier_id,
        currency=sent.currency,
        lines=_agreed_lines(sent.lines),
    )


def _agreed_lines(lines: Iterable[srm.PurchaseLine]) -> tuple[AgreedLine, ...]:
    return tuple(AgreedLine(each.line, each.sku, each.unit_price) for each in lines)


def _create_invoice(
    invoicing: SalesOrderInvoicing, dispatch: DispatchedShipment, uow: UnitOfWork
) -> Iterator[Aggregate]:
    lines, freight = invoicing.invoice(dispatch)
    number = uow.next_number(INVOICE_SERIES)
    invoice = Invoice.post(
        number, invoicing.invoice_terms, dispatch.shipment_id, dispatch.dispatched_on, lines, freight
    )
    yield from (invoicing, invoice, *post_invoice(uow.get_or_create(AccountingPeriods), invoice))


def _sales_order_lines(lines: Iterable[crm.OrderLine]) -> tuple[OrderedLine, ...]:
    return tuple(OrderedLine(x.line, x.sku, x.quantity, x.unit_price, x.discount_percent) for x in lines)


def _release_credit(invoicing: SalesOrderInvoicing, credit_before: Money, uow: UnitOfWork) -> Iterator[Aggregate]:
    yield invoicing
    if credit_before != invoicing.credit_amount:
        credit = uow.get_or_create(CreditAccount, customer_id=invoicing.order_terms.customer_id)
        credit.reduce_exposure(invoicing.order_id, credit_before - invoicing.credit_amount)
        yield credit


def _close_order(invoicing: SalesOrderInvoicing, uow: UnitOfWork) -> Iterator[Aggregate]:
    if invoicing.is_closed:
        return
    invoicing.close_order()
    yield invoicing
    if invoicing.order_terms_or_none:
        credit = uow.get_or_create(CreditAccount, customer_id=invoicing.order_terms.customer_id)
        credit.reduce_exposure(invoicing.order_id, invoicing.uninvoiced)
        yield credit
