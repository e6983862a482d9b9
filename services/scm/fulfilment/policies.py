"""Reactions of fulfilment to events of CRM and ERP: sales orders are fulfilled, amended and cancelled."""

from collections.abc import Iterator

from services.scm.fulfilment.domain.customer_order import Amendment, CustomerOrder
from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.fulfilment.domain.order_amendment import reserve_or_amend
from services.scm.fulfilment.domain.reservation import cancel_order
from services.scm.items.domain.goods import GoodsLine, lines_as_type
from shared.contracts import crm, erp
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(crm.SalesOrderPlaced)
def record_order(placed: crm.SalesOrderPlaced, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the ordered goods; reserve them once the credit is approved."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=placed.order_id)
    fulfilment.order_placed(
        CustomerOrder(
            placed.customer_id,
            placed.ordered_on,
            placed.required_on,
            placed.warehouse,
            placed.backorder == "allow",
            lines_as_type(placed.lines, GoodsLine),
            placed.number,
        )
    )
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(erp.CreditApproved)
def reserve_goods_after_credit_approval(approved: erp.CreditApproved, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Once credit is approved, reserve the ordered goods or amend the order; request purchases of what is missing."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=approved.order_id)
    fulfilment.credit_approved(approved.revision)
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(crm.SalesOrderAmendmentRequested)
def answer_amendment_request(requested: crm.SalesOrderAmendmentRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Refuse an amendment that comes too late, or stop shipments until its credit is approved, then apply it."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=requested.order_id)
    fulfilment.request_amendment(
        Amendment(
            requested.revision,
            lines_as_type(requested.lines, GoodsLine),
            requested.required_on,
            requested.only_before_dispatch,
        )
    )
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(crm.SalesOrderCancellationRequested)
def answer_cancellation_request(requested: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Cancel what was not shipped and release its stock; refuse once everything was shipped."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=requested.order_id)
    yield from cancel_order(fulfilment, requested.reason, uow)
