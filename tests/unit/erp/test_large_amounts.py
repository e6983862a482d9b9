"""Sums beyond the range of one column are exact: of many large postings, and of one count typed wrongly."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from services.erp.ledger.domain.manual_entry import ManualEntryLine
from services.erp.ledger.projections.general_ledger import general_ledger_between
from services.erp.ledger.projections.large_sums import CARRY, join_sum, split_sum
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.settlement.commands.manual_entries import PostManualEntry
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.money import Money
from shared.testing.services import deliver, reader
from tests.unit.erp.examples import (
    CHART,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    a_count,
    a_purchase,
    a_receipt,
    an_erp,
    as_person,
    receive_stock,
    record_supplier_invoice,
    usd,
)

LARGEST = Money("999999999999999.99", "USD")
TIMES = 12


def test_a_sum_is_the_one_that_was_split() -> None:
    for total in ("0", "-0.000001", "999999999999.999999", "1000000000000", "-123456789012345678901234.5"):
        fields = split_sum("debit", Decimal(total))
        assert join_sum("debit", fields) == Decimal(total)
        assert abs(fields["debit"]) < CARRY


def test_many_of_the_largest_postings_in_a_month_add_up(tmp_path: Path) -> None:
    service = an_erp(tmp_path)
    sides = ManualEntryLine(account="6000", debit=LARGEST), ManualEntryLine(account="1000", credit=LARGEST)
    for _ in range(TIMES):
        service.settlement.post_manual_entry(PostManualEntry(posted_on=MARCH_5, text="mistyped", lines=sides))
    posted, total = reader(service, Turnovers), Money(LARGEST.amount * TIMES, "USD")
    for as_of in (None, MARCH_5):
        assert trial_balance(posted, CHART, as_of, "USD")["totals"] == {"debit": total, "credit": total}
    rows = general_ledger_between(posted, CHART, MARCH_5, date(2026, 12, 31), "USD")["rows"]
    assert [(each["account"], each["debit"], each["credit"]) for each in rows] == [
        ("1000", usd("0"), total), ("6000", total, usd("0")),
    ]  # fmt: skip
    assert service.read_models.rebuild()["turnovers"].is_equal


def test_a_count_typed_wrongly_stops_no_statement_and_can_be_corrected(tmp_path: Path) -> None:
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "250000.00"), on=MARCH_1)
    deliver(service, a_count(MARCH_5, CHAI="999999999999"))
    stock, posted = reader(service, StockValueChanges), reader(service, Turnovers)
    worth = Money("249999999999750000.00", "USD")
    assert stock_value(stock, None, "USD")["totals"]["value"] == worth
    assert trial_balance(posted, CHART, MARCH_5, "USD")["totals"]["debit"] == worth
    deliver(service, a_count(MARCH_9, CHAI="10"))
    rows = stock_value(reader(service, StockValueChanges), None, "USD")["rows"]
    assert [(each["quantity"], each["value"]) for each in rows] == [("10", usd("2500000.00"))]
    assert trial_balance(posted, CHART, None, "USD")["totals"]["debit"] == usd("2500000.00")


def test_an_invoice_for_a_quantity_typed_wrongly_stops_no_statement(tmp_path: Path) -> None:
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "250000.00"))
    deliver(service, purchase, a_receipt(purchase))
    invoice = record_supplier_invoice(service, purchase, ("CHAI", "999999999999", "0.01"))
    as_person(service, "bert", lambda: service.payables.release_invoice(invoice.id, "not looked at"))
    (row,) = goods_received_not_invoiced(reader(service, UninvoicedReceipts), None, "USD")["rows"]
    assert (row["received"], row["billed"], row["open"]) == ("10", "999999999999", "-999999999989")
    assert row["open_value"] == Money("-249999999997250000.00", "USD")
    assert trial_balance(reader(service, Turnovers), CHART, None, "USD")["rows"][4]["debit"] == -row["open_value"]
