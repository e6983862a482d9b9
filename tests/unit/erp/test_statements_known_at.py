"""What was known then: the statements as of any position equal those of books that received nothing after it."""

from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.erp.ledger.domain.manual_entry import ManualEntryLine
from services.erp.ledger.projections.balance_sheet import balance_sheet
from services.erp.ledger.projections.general_ledger import general_ledger_between
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.profit_and_loss import profit_and_loss
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.service import Erp
from services.erp.settlement.commands.manual_entries import PostManualEntry
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.projections import Projection, ReadModels
from tests.rebuilt import RebuiltReadModels
from tests.unit.erp.examples import CHART, an_erp, usd
from tests.unit.erp.random_business import RandomBusiness, days_from

DAYS = days_from(date(2025, 11, 20), date(2026, 2, 10))
POSITIONS = 100
RENT = PostManualEntry(
    posted_on=date(2026, 2, 1),
    text="rent",
    lines=(
        ManualEntryLine(account="6000", debit=usd("9.00")),
        ManualEntryLine(account="1000", credit=usd("9.00")),
    ),
)
CLOSINGS = {30: "2025-11", 60: "2025-12"}


def a_busy_winter(folder: Path, seed: int) -> Erp:
    """Return months of business with two closed periods; projections process batches of any size."""
    service = an_erp(folder)
    business = RandomBusiness(service, seed, DAYS)
    for step in range(100):
        business.step()
        if step in CLOSINGS:
            service.ledger.close_period(CLOSINGS[step])
        if step % 17 == 0:
            service.settlement.post_manual_entry(RENT)
        if step % 7 == 0:
            service.read_models.process_batch(business.random.choice([1, 3, 500]))
    while service.read_models.process_batch():
        pass
    return service


def statements(read_models: ReadModels, day: date, position: int | None) -> list[Any]:
    """Return all statements as of a day, as known at a position (none = now)."""

    def rows(report: type[Projection]) -> Any:
        reader = read_models.reader_for(report)
        return reader if position is None else reader.as_of_position(position)

    return [
        trial_balance(rows(Turnovers), CHART, day, "USD"),
        trial_balance(rows(Turnovers), CHART, None, "USD"),
        balance_sheet(rows(Turnovers), CHART, day, "USD"),
        profit_and_loss(rows(Turnovers), CHART, date(2025, 12, 5), day, "USD"),
        general_ledger_between(rows(Turnovers), CHART, date(2025, 12, 5), day, "USD", parties=True),
        stock_value(rows(StockValueChanges), day, "USD"),
        aging(rows(OpenReceivables), "customer_id", day, "USD"),
        aging(rows(OpenPayables), "supplier_id", day, "USD"),
        goods_received_not_invoiced(rows(UninvoicedReceipts), day, "USD"),
        list(rows(Journal).iterate_rows({"date": [("lte", day)]})),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_statements_known_at_a_position_equal_a_replay_up_to_it(tmp_path: Path, seed: int):
    service, chance = a_busy_winter(tmp_path, seed), Random(seed)
    positions = sorted(chance.randint(0, service.store.head()) for _ in range(POSITIONS))
    with closing(RebuiltReadModels(service.read_models, service.store, tmp_path / "rebuilt")) as rebuilt:
        for position in positions:
            then, day = rebuilt.until(position), chance.choice(DAYS)
            assert statements(service.read_models, day, position) == statements(then, day, None), position
