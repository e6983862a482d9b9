"""How much customers may owe."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.reports import CreditAccounts
from shared.web import Reply, Resource, Schema, accepts, fields, shown

credit = Resource("credit", CreditAccounts)


class Release(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@credit.get("/<uuid:customer_id>", reads=())
def of_customer(customer_id: UUID) -> Reply:
    """Limit, exposure, what is available, and the orders that are held. 404 for a customer nobody told of."""
    return shown(CreditAccounts, service().credit(customer_id))


@credit.post("/<uuid:customer_id>/release/<uuid:sales_order_id>")
@accepts(Release)
def release(customer_id: UUID, sales_order_id: UUID, body: dict[str, Any]) -> Reply:
    """Let a held order go ahead. 200 with the credit as it then stands; 409 unless the order is held."""
    return shown(CreditAccounts, service().release_order(customer_id, sales_order_id, body["reason"]))
