"""Policies of receivables: reactions to customers and orders of CRM and to shipments of SCM."""

from collections.abc import Iterable, Iterator

from services.erp.ledger.domain.books import open_books
from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.receivables.domain.invoice import Invoice
from services.erp.receivables.domain.invoice_number import next_invoice_number
from services.erp.receivables.domain.order_terms import DispatchedLine, DispatchedShipment, OrderedLine, OrderTerms
from services.erp.receivables.domain.postings import post_invoice
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from shared.contracts import crm, scm
from shared.domain import Aggregate, UnitOfWork
from shared.money import Money
from shared.policies import Policies

policies = Policies()


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
def release_credit_of_rejected_order(rejected: scm.OrderRejected, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Release the credit of an order that cannot be fulfilled; approve held orders that then fit."""
    yield from _close_order(uow.get_or_create(SalesOrderInvoicing, order_id=rejected.order_id), uow)


def _create_invoice(
    invoicing: SalesOrderInvoicing, dispatch: DispatchedShipment, uow: UnitOfWork
) -> Iterator[Aggregate]:
    lines, freight = invoicing.invoice(dispatch)
    number = next_invoice_number(dispatch.dispatched_on, uow)
    invoice = Invoice.post(
        number, invoicing.invoice_terms, dispatch.shipment_id, dispatch.dispatched_on, lines, freight
    )
    yield from (invoicing, invoice, *post_invoice(open_books(uow), invoice))


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
