"""Figures of the checks of a period, read from the statements of its last day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from services.erp.closing.domain.checks import Check, CheckKind, compare, require_nothing, show
from services.erp.entities.domain.chart_of_accounts import AccountRole, Chart
from services.erp.ledger.projections.items_by_due_date import CREDIT, aging, parse_money
from services.erp.ledger.projections.other_currencies import OTHER_CURRENCIES
from services.erp.ledger.projections.turnovers import Turnovers, account_balance, turnovers_until
from services.erp.payables.domain.supplier_invoice import Status
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.payables.projections.supplier_invoices import SupplierInvoices
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.money import Money
from shared.projections import Projection, RowReader

Statement = Mapping[str, Any]
ReaderFor = Callable[[type[Projection]], RowReader]
Checks = list[Check]
CHECKED = (Turnovers, StockValueChanges, OpenReceivables, OpenPayables, UninvoicedReceipts, SupplierInvoices)
"""The projections that the checks read."""
CHECK_ROW: Mapping[str, Any] = {
    "check": CheckKind, "ok": bool, "figure": Money, "expected": Money | None, "rows": [str], "detail": str,
}  # fmt: skip
"""The rows of the checks of a period."""


def checks_of(ends_on: date, chart: Chart, currency: str, reader_for: ReaderFor) -> list[Check]:
    """Return the checks of the period that ends on this day, in the base currency."""
    receivables = aging(reader_for(OpenReceivables), "customer_id", ends_on, currency)
    payables = aging(reader_for(OpenPayables), "supplier_id", ends_on, currency)
    stock = stock_value(reader_for(StockValueChanges), ends_on, currency)
    not_invoiced = goods_received_not_invoiced(reader_for(UninvoicedReceipts), ends_on, currency)
    sums = turnovers_until(reader_for(Turnovers), ends_on, entity=chart.entity)

    def balance(role: AccountRole) -> Money:
        return account_balance(sums[currency], chart.account_for(role).code, currency)

    return [
        compare(CheckKind.STOCK, balance(AccountRole.STOCK), stock["totals"]["value"]),
        compare(CheckKind.RECEIVABLES, balance(AccountRole.RECEIVABLES), receivables["totals"]["total"]),
        compare(CheckKind.PAYABLES, -balance(AccountRole.PAYABLES), payables["totals"]["total"]),
        compare(
            CheckKind.GOODS_RECEIVED_NOT_INVOICED,
            -balance(AccountRole.GOODS_RECEIVED_NOT_INVOICED),
            not_invoiced["totals"]["open_value"],
        ),
        _blocked_supplier_invoices(reader_for(SupplierInvoices), ends_on, currency),
        _unallocated_credit(receivables, currency),
        _other_currencies((*sums,), (receivables, payables, stock, not_invoiced), currency),
    ]


def _blocked_supplier_invoices(invoices: RowReader, ends_on: date, currency: str) -> Check:
    """Supplier invoices of the period that are not in the books: neither matched nor released nor rejected."""
    until = {"status": Status.BLOCKED, "posted_on": None, "billed_on": [("lte", ends_on)]}
    blocked = list(invoices.iterate_rows(until))
    total = Money.sum((parse_money(each["total"]) for each in blocked), currency)
    numbers = sorted(each["number"] for each in blocked)
    detail = f"{len(blocked)} supplier invoices of {total} are blocked and not posted"
    return require_nothing(CheckKind.BLOCKED_SUPPLIER_INVOICES, total, numbers, detail)


def _unallocated_credit(receivables: Statement, currency: str) -> Check:
    """Money received that settles no invoice yet, by customer."""
    credit = -receivables["totals"][CREDIT]
    customers = [str(each["customer_id"]) for each in receivables["rows"] if each[CREDIT]]
    return show(CheckKind.UNALLOCATED_CREDIT, credit, customers, f"{credit} of customers settles no invoice yet")


def _other_currencies(posted: tuple[str, ...], statements: tuple[Statement, ...], currency: str) -> Check:
    """Currencies other than the base currency in which something was posted, is open or in stock."""
    named = {each["currency"] for statement in statements for each in statement[OTHER_CURRENCIES]}
    others = sorted({*named, *posted} - {currency})
    detail = f"there are amounts in {', '.join(others)}, which statements in {currency} do not contain"
    return require_nothing(CheckKind.OTHER_CURRENCIES, Money.zero(currency), others, detail)


def parked_messages_check(sources: Iterator[str], currency: str) -> Check:
    """Messages of other services that could not be applied yet: what they report is missing in the books."""
    rows = sorted(sources)
    detail = f"{len(rows)} messages of other services are parked: apply or discard them (ops/parked)"
    return require_nothing(CheckKind.PARKED_MESSAGES, Money.zero(currency), rows, detail)
