"""Credit accounts of customers."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.projections import CreditAccounts
from shared.web import Reply, Resource, Schema, accepts, fields, resource_reply

credit_accounts = Resource("credit", CreditAccounts)


class ReleaseOrder(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@credit_accounts.get("/<uuid:customer_id>", reads=())
def show_credit_account(customer_id: UUID) -> Reply:
    """Return limit, exposure, available credit and held orders of a customer. 404 for an unknown customer."""
    return resource_reply(CreditAccounts, service().get_credit_account(customer_id))


@credit_accounts.post("/<uuid:customer_id>/release/<uuid:sales_order_id>")
@accepts(ReleaseOrder)
def release_order(customer_id: UUID, sales_order_id: UUID, body: dict[str, Any]) -> Reply:
    """Release a held order. 200 with the credit account; 409 unless the order is held."""
    return resource_reply(CreditAccounts, service().release_order(customer_id, sales_order_id, body["reason"]))
