"""What was known then: the statements as of any position equal those of books that heard nothing after it."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.erp.application import Erp
from services.erp.reports import Journal, OpenBills, OpenItems, OpenReceipts, StockDays, StockPlaces, Turnovers
from services.erp.reports.balance_sheet import balance_sheet
from services.erp.reports.general_ledger import general_ledger
from services.erp.reports.goods_received_not_invoiced import goods_received_not_invoiced
from services.erp.reports.open_items import aging
from services.erp.reports.profit_and_loss import profit_and_loss
from services.erp.reports.stock_values import stock_value
from services.erp.reports.trial_balance import trial_balance
from shared.report import ReadModels, Report
from tests.unit.erp.business import Business, every_day
from tests.unit.erp.examples import an_erp, usd

DAYS = every_day(date(2025, 11, 20), date(2026, 2, 10))
POSITIONS = 100
CLOSINGS = {30: "2025-11", 60: "2025-12"}


def a_busy_winter(folder: Path, seed: int) -> Erp:
    """Months of business, two of them closed meanwhile; the reports follow in parts of any size."""
    service = an_erp(folder)
    business = Business(service, seed, DAYS)
    for step in range(100):
        business.step()
        if step in CLOSINGS:
            service.close_period(CLOSINGS[step])
        if step % 17 == 0:
            rent = [{"account": "6000", "debit": usd("9.00")}, {"account": "1000", "credit": usd("9.00")}]
            service.write_entry(date(2026, 2, 1), "rent", rent)
        if step % 7 == 0:
            service.read_models.advance(business.chance.choice([1, 3, 500]))
    while service.read_models.advance():
        pass
    return service


def statements(read_models: ReadModels, day: date, position: int | None) -> list[Any]:
    """All of them as of a day, as known at a position (none = now)."""

    def rows(report: type[Report]) -> Any:
        reader = read_models.rows_of(report)
        return reader if position is None else reader.at(position)

    return [
        trial_balance(rows(Turnovers), day, "USD"),
        trial_balance(rows(Turnovers), None, "USD"),
        balance_sheet(rows(Turnovers), day, "USD"),
        profit_and_loss(rows(Turnovers), date(2025, 12, 5), day, "USD"),
        general_ledger(rows(Turnovers), date(2025, 12, 5), day, "USD", parties=True),
        stock_value(read_models.rows_of(StockPlaces), rows(StockDays), day, "USD"),
        aging(rows(OpenItems), "customer_id", day, "USD"),
        aging(rows(OpenBills), "supplier_id", day, "USD"),
        goods_received_not_invoiced(rows(OpenReceipts), day, "USD"),
        list(rows(Journal).all({"date": [("lte", day)]})),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_known_then_equals_a_replay_up_to_there(tmp_path: Path, seed: int):
    service, chance = a_busy_winter(tmp_path, seed), Random(seed)
    positions = sorted(chance.randint(0, service.store.head()) for _ in range(POSITIONS))
    with service.read_models.replayed() as then:
        for position in positions:
            then.fold(position)
            day = chance.choice(DAYS)
            assert statements(service.read_models, day, position) == statements(then, day, None), position
