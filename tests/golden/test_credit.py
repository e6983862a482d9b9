"""Credit limits, as other systems' published tests have them."""

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.service import Erp
from shared.contracts import crm, scm
from shared.money import Money
from shared.testing.services import deliver
from tests.golden.cases import load_case
from tests.unit.erp.examples import CUSTOMER, a_shipment, an_erp, an_order


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def owing(amount: str, limit: str | None) -> CreditAccount:
    credit = CreditAccount(uuid4())
    credit.change_terms("USD", None)
    credit.check_order(uuid4(), usd(amount))
    credit.change_terms("USD", usd(limit) if limit else None)
    return credit


def test_an_order_is_allowed_within_the_limit():
    case = load_case("credit-01")
    allowed = []
    for check in case["input"]["checks"]:
        credit = owing(case["input"]["open_receivable"], check["limit"])
        order_id = uuid4()
        credit.check_order(order_id, usd(check["add"]))
        allowed.append(order_id not in credit.held)
    assert allowed == case["expected"]["allowed"]


def test_confirmed_orders_not_yet_invoiced_count(tmp_path: Path):
    case = load_case("credit-01")
    service = an_erp(tmp_path)
    earlier = an_order(("SKU", "1", case["input"]["open_receivable"]))
    deliver(service, earlier, a_shipment(earlier))
    wanted, confirmed = case["input"]["order"], []
    for attempt in wanted["tries"]:
        order = an_order(("SKU", str(wanted["qty"]), wanted["price"]))
        deliver(service, crm.CustomerTermsChanged(CUSTOMER, 30, usd(attempt["limit"])), order)
        confirmed.append(order.order_id not in service.receivables.get_credit_account(CUSTOMER).held)
        if not confirmed[-1]:
            deliver(service, scm.CancellationGranted(order.order_id, "tried again", ()))
    assert confirmed == case["expected"]["order_confirmed"]
    assert used(service) == Decimal(case["expected"]["credit_used_after_order"])
    deliver(service, a_shipment(order, str(case["input"]["then_invoice_qty"])))
    assert used(service) == Decimal(case["expected"]["credit_used_after_partial_invoice"])


def used(service: Erp) -> Decimal:
    exposure = service.receivables.get_credit_account(CUSTOMER).exposure
    assert exposure is not None
    return exposure.amount
