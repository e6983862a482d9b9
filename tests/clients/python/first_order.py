"""The first order of the README, by the client that openapi-python-client generates."""

import os
import time
from typing import TypeVar
from uuid import UUID, uuid4

from sihe_client import AuthenticatedClient
from sihe_client.api.crm import (
    crm_customers_register_customer,
    crm_sales_orders_draft_sales_order,
    crm_sales_orders_one,
    crm_sales_orders_place_sales_order,
)
from sihe_client.api.erp import erp_invoices_list_invoices, erp_payments_record_payment
from sihe_client.api.gateway import gateway_views_show_lag
from sihe_client.api.scm import (
    scm_goods_receipts_receive_goods,
    scm_items_register_item,
    scm_shipments_dispatch_shipment,
    scm_shipments_list_shipments,
    scm_warehouses_register_warehouse,
)
from sihe_client.api.srm import (
    srm_purchase_orders_draft_purchase_order,
    srm_purchase_orders_send_purchase_order,
    srm_suppliers_register_supplier,
)
from sihe_client.models import (
    CommonCommandsEffectiveDateSchema,
    CommonCurrency,
    CommonMoney,
    CommonMoneyPositive,
    CommonProblem,
    CommonUnitPrice,
    CrmCustomersRegisterCustomer,
    CrmSalesOrdersDraftSalesOrder,
    CrmSalesOrdersLine,
    ErpSettlementAllocation,
    ErpSettlementRecordPayment,
    ErpSettlementRecordPaymentDirection,
    ScmFulfilmentDispatchShipment,
    ScmItemsItemEntry,
    ScmItemsRequestedGoods,
    ScmReceivingReceiveGoods,
    ScmWarehousingWarehouseEntry,
    SrmPurchaseOrdersDraftPurchaseOrder,
    SrmPurchaseOrdersLine,
    SrmSuppliersRegisterSupplier,
)
from sihe_client.types import Unset

T = TypeVar("T")

ENDING = uuid4().hex[:8]
WAREHOUSE, SKU, USD = f"MAIN-{ENDING}", f"LAMP-{ENDING}", CommonCurrency.USD
CLIENT = AuthenticatedClient(base_url=os.environ["SIHE_URL"], token=os.environ["SIHE_KEY"])


def done(answer: T | CommonProblem | None) -> T:
    """Return the answer of a request. Ends the program with the problem if it was refused."""
    if isinstance(answer, CommonProblem):
        errors = [] if isinstance(answer.errors, Unset) else [f"{each.pointer} {each.detail}" for each in answer.errors]
        raise SystemExit("; ".join([answer.detail, *errors]))
    if answer is None:
        raise SystemExit("an answer without content")
    return answer


def key() -> str:
    """Return a new idempotency key."""
    return uuid4().hex


def wait_until_idle() -> None:
    for _ in range(300):
        if done(gateway_views_show_lag.sync(client=CLIENT)).idle:
            return
        time.sleep(0.1)  # between two looks at the lag, of a suite that runs elsewhere
    raise SystemExit("the suite has pending work after 30 s")


def register() -> tuple[UUID, UUID]:
    """Register warehouse, item, supplier and customer; return the ids of the last two."""
    hall = ScmWarehousingWarehouseEntry(code=WAREHOUSE, name="Main warehouse")
    done(scm_warehouses_register_warehouse.sync(client=CLIENT, body=hall, idempotency_key=key()))
    lamp = ScmItemsItemEntry(sku=SKU, name="Desk lamp", unit="piece")
    done(scm_items_register_item.sync(client=CLIENT, body=lamp, idempotency_key=key()))
    lumen = SrmSuppliersRegisterSupplier(code=f"LUMEN-{ENDING}", name="Lumen Works", currency=USD)
    supplier = done(srm_suppliers_register_supplier.sync(client=CLIENT, body=lumen, idempotency_key=key()))
    limit = CommonMoney(amount="5000.00", currency=USD)
    atlas = CrmCustomersRegisterCustomer(code=f"ATLAS-{ENDING}", name="Atlas Books", currency=USD, credit_limit=limit)
    customer = done(crm_customers_register_customer.sync(client=CLIENT, body=atlas, idempotency_key=key()))
    return supplier.id, customer.id


def buy(supplier: UUID) -> None:
    line = SrmPurchaseOrdersLine(sku=SKU, quantity="20", unit_price=CommonUnitPrice(amount="30.00", currency=USD))
    wanted = SrmPurchaseOrdersDraftPurchaseOrder(supplier_id=supplier, currency=USD, warehouse=WAREHOUSE, lines=[line])
    order = done(srm_purchase_orders_draft_purchase_order.sync(client=CLIENT, body=wanted, idempotency_key=key())).id
    today = CommonCommandsEffectiveDateSchema()
    done(srm_purchase_orders_send_purchase_order.sync(order, client=CLIENT, body=today, idempotency_key=key()))
    wait_until_idle()
    goods = ScmReceivingReceiveGoods(purchase_order_id=order, lines=[ScmItemsRequestedGoods(sku=SKU, quantity="20")])
    done(scm_goods_receipts_receive_goods.sync(client=CLIENT, body=goods, idempotency_key=key()))


def sell(customer: UUID) -> UUID:
    """Place an order and dispatch its goods; return its id."""
    price = CommonUnitPrice(amount="49.50", currency=USD)
    line = CrmSalesOrdersLine(sku=SKU, quantity="12", unit_price=price, discount_percent="10")
    wanted = CrmSalesOrdersDraftSalesOrder(
        customer_id=customer,
        currency=USD,
        warehouse=WAREHOUSE,
        freight=CommonMoney(amount="18.00", currency=USD),
        lines=[line],
    )
    order = done(crm_sales_orders_draft_sales_order.sync(client=CLIENT, body=wanted, idempotency_key=key())).id
    today = CommonCommandsEffectiveDateSchema()
    done(crm_sales_orders_place_sales_order.sync(order, client=CLIENT, body=today, idempotency_key=key()))
    wait_until_idle()
    (shipment,) = done(scm_shipments_list_shipments.sync(client=CLIENT, sales_order_id=[order])).data
    whole = ScmFulfilmentDispatchShipment()
    done(scm_shipments_dispatch_shipment.sync(shipment.id, client=CLIENT, body=whole, idempotency_key=key()))
    wait_until_idle()
    return order


def collect(customer: UUID, order: UUID) -> str:
    """Record the payment of the invoice of an order; return its amount."""
    (invoice,) = done(erp_invoices_list_invoices.sync(client=CLIENT, sales_order_id=[order])).data
    total = CommonMoneyPositive(amount=invoice.total.amount, currency=USD)
    payment = ErpSettlementRecordPayment(
        direction=ErpSettlementRecordPaymentDirection.IN,
        party_id=customer,
        paid_on=invoice.invoiced_on,
        amount=total,
        allocations=[ErpSettlementAllocation(document_id=invoice.id, amount=total)],
    )
    done(erp_payments_record_payment.sync(client=CLIENT, body=payment, idempotency_key=key()))
    wait_until_idle()
    return invoice.total.amount


def refusal_of_placing(order: UUID) -> str:
    """Return the code of the problem of placing an order twice."""
    today = CommonCommandsEffectiveDateSchema()
    answer = crm_sales_orders_place_sales_order.sync(order, client=CLIENT, body=today, idempotency_key=key())
    assert isinstance(answer, CommonProblem)
    return answer.code


def main() -> None:
    supplier, customer = register()
    buy(supplier)
    order = sell(customer)
    amount, refused = collect(customer, order), refusal_of_placing(order)
    print(done(crm_sales_orders_one.sync(order, client=CLIENT)).status, amount, refused)


if __name__ == "__main__":
    main()
