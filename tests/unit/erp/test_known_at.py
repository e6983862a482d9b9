"""What was known then: the statements as of any position equal those of books that received nothing after it."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.erp.projections import (
    Journal,
    OpenReceivables,
    OpenSupplierInvoices,
    StockValueChanges,
    StockValueItems,
    Turnovers,
    UninvoicedReceipts,
)
from services.erp.projections.balance_sheet import balance_sheet
from services.erp.projections.general_ledger import general_ledger
from services.erp.projections.goods_received_not_invoiced import goods_received_not_invoiced
from services.erp.projections.open_items import aging
from services.erp.projections.profit_and_loss import profit_and_loss
from services.erp.projections.stock_values import stock_value
from services.erp.projections.trial_balance import trial_balance
from services.erp.service import Erp
from shared.projections import Projection, ReadModels
from tests.unit.erp.business import RandomBusiness, days_from
from tests.unit.erp.examples import an_erp, usd

DAYS = days_from(date(2025, 11, 20), date(2026, 2, 10))
POSITIONS = 100
CLOSINGS = {30: "2025-11", 60: "2025-12"}


def a_busy_winter(folder: Path, seed: int) -> Erp:
    """Months of business, two of them closed meanwhile; the reports follow in parts of any size."""
    service = an_erp(folder)
    business = RandomBusiness(service, seed, DAYS)
    for step in range(100):
        business.step()
        if step in CLOSINGS:
            service.close_period(CLOSINGS[step])
        if step % 17 == 0:
            rent = [{"account": "6000", "debit": usd("9.00")}, {"account": "1000", "credit": usd("9.00")}]
            service.post_manual_entry(date(2026, 2, 1), "rent", rent)
        if step % 7 == 0:
            service.read_models.process_batch(business.random.choice([1, 3, 500]))
    while service.read_models.process_batch():
        pass
    return service


def statements(read_models: ReadModels, day: date, position: int | None) -> list[Any]:
    """All of them as of a day, as known at a position (none = now)."""

    def rows(report: type[Projection]) -> Any:
        reader = read_models.reader_for(report)
        return reader if position is None else reader.as_of_position(position)

    return [
        trial_balance(rows(Turnovers), day, "USD"),
        trial_balance(rows(Turnovers), None, "USD"),
        balance_sheet(rows(Turnovers), day, "USD"),
        profit_and_loss(rows(Turnovers), date(2025, 12, 5), day, "USD"),
        general_ledger(rows(Turnovers), date(2025, 12, 5), day, "USD", parties=True),
        stock_value(read_models.reader_for(StockValueItems), rows(StockValueChanges), day, "USD"),
        aging(rows(OpenReceivables), "customer_id", day, "USD"),
        aging(rows(OpenSupplierInvoices), "supplier_id", day, "USD"),
        goods_received_not_invoiced(rows(UninvoicedReceipts), day, "USD"),
        list(rows(Journal).iterate_rows({"date": [("lte", day)]})),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_known_then_equals_a_replay_up_to_there(tmp_path: Path, seed: int):
    service, chance = a_busy_winter(tmp_path, seed), Random(seed)
    positions = sorted(chance.randint(0, service.store.head()) for _ in range(POSITIONS))
    with service.read_models.temporary_copy() as then:
        for position in positions:
            then.rebuild_until(position)
            day = chance.choice(DAYS)
            assert statements(service.read_models, day, position) == statements(then, day, None), position
