"""Figures of open items read no row of an item that was settled before: their cost does not grow with history."""

from datetime import date

import pytest

from services.erp.ledger.projections.dated_changes import changes_of_open_items
from services.erp.payables.projections.goods_received_not_invoiced import UninvoicedReceipts
from services.erp.service import Erp
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.projections import Projection
from shared.projections.row_query import RowSelection
from shared.projections.row_summary import RowSummary
from shared.testing.services import deliver, reader
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    SUPPLIER,
    a_purchase,
    a_receipt,
    a_shipment,
    allocation_of,
    an_erp,
    an_order,
    invoices,
    record_payment,
    record_supplier_invoice,
    usd,
)

SETTLED = 12
ROWS_OF_AN_OPEN_ITEM = 2
"""The item itself, and its first change."""


def trade(service: Erp, number: int) -> None:
    """Buy and sell on March 1 and 5; all but the first sale and the first invoice are settled on March 9."""
    purchase, order = a_purchase(("CHAI", "2", "5.00")), an_order(("CHAI", "1", "20.00"))
    deliver(service, purchase, a_receipt(purchase, on=MARCH_1), order, a_shipment(order, on=MARCH_5))
    if number:
        bill = record_supplier_invoice(service, purchase, number=f"RE-{number}")
        record_payment(service, "out", SUPPLIER, MARCH_9, usd("10.00"), [allocation_of(bill)])
        sold = invoices(service)[-1]
        record_payment(service, "in", CUSTOMER, MARCH_9, usd("20.00"), [allocation_of(sold)])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Erp:
    service = an_erp(tmp_path_factory.mktemp("erp"))
    for number in range(SETTLED + 1):
        trade(service, number)
    return service


@pytest.mark.parametrize(
    ("projection", "open_items", "settled_on"),
    [(OpenReceivables, 1, MARCH_9), (OpenPayables, 0, MARCH_9), (UninvoicedReceipts, 1, MARCH_5)],
)
def test_only_items_that_were_open_on_the_day_are_read(
    service: Erp, projection: type[Projection], open_items: int, settled_on: date
) -> None:
    rows = reader(service, projection)

    def count(as_of: date | None) -> int:
        read = changes_of_open_items(as_of, "USD") or {}
        return rows.count({"settled_on": read["settled_on"]})

    assert count(None) == count(MARCH_9) == open_items * ROWS_OF_AN_OPEN_ITEM
    assert count(settled_on.replace(day=settled_on.day - 1)) > SETTLED


@pytest.mark.parametrize("as_of", [None, MARCH_5])
@pytest.mark.parametrize("projection", [OpenReceivables, OpenPayables, UninvoicedReceipts])
def test_their_sums_are_found_by_the_index(service: Erp, projection: type[Projection], as_of: date | None) -> None:
    rows, summary = reader(service, projection), RowSummary(projection, ("currency",), ())
    statement, values = summary.select(RowSelection(projection, changes_of_open_items(as_of, "USD")))
    table = rows.serving_table(projection, False).name
    plan = [detail for *_, detail in rows.database.query(f"EXPLAIN QUERY PLAN {statement.format(table)}", values)]
    searches = [each for each in plan if each.startswith(("SEARCH", "SCAN"))]
    assert len(searches) == (1 if as_of is None else 2)
    assert all(f"SEARCH {table} USING INDEX {table}_settled_on" in each for each in searches)
