"""Lists that SQL filters, sorts, counts and sums equal those computed row by row from the events of random trade."""

from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.crm.sales_orders.projections import SalesOrders
from services.erp.receivables.projections.invoices import Invoices
from services.scm.stock.projections import Stock
from services.srm.purchase_orders.projections import PurchaseOrders
from shared.codec import to_plain
from shared.projections import RowReader
from shared.projections.group_page import GroupPage
from shared.testing.memory import fast_folder
from shared.testing.services import reader
from tests.flows import lists_by_row
from tests.flows.random_trade import DAYS, RandomTrade
from tests.unit.erp.figures import require_equal_figures

STEPS, ROUNDS, QUESTIONS = 20, 3, 5
PAGE = 3


def require_equal_lists(trade: RandomTrade, chance: Random) -> None:
    for service, projection, rows in (
        (trade.crm, SalesOrders, lists_by_row.sales_orders(trade.crm)),
        (trade.srm, PurchaseOrders, lists_by_row.purchase_orders(trade.srm)),
        (trade.scm, Stock, lists_by_row.stock(trade.scm)),
        (trade.erp, Invoices, lists_by_row.invoices(trade.erp)),
    ):
        shown, types = reader(service, projection), projection.column_types()
        for _ in range(QUESTIONS):
            asked = lists_by_row.ListQuestion.random(chance, types, rows)
            page = shown.list_rows(asked.where, asked.sort, limit=200)
            (whole,) = shown.summarize((), asked.sums, asked.where)
            found = [each["id"] for each in page], shown.count(asked.where), whole["sums"]
            assert found == lists_by_row.answer(rows, types, asked), (projection.name, asked)
            if rows:
                require_equal_groups(shown, lists_by_row.GroupQuestion.random(chance, types, rows), rows)


def require_equal_groups(shown: RowReader, question: lists_by_row.GroupQuestion, rows: list[lists_by_row.Row]) -> None:
    """Require that the pages of groups are the groups of the rows, in their order."""
    types, asked = shown.projection.column_types(), question.asked
    groups = GroupPage(shown.projection, question.group_by, asked.sums, question.sort)
    found: list[dict[str, Any]] = []
    after = None
    while page := shown.list_groups(groups, asked.where, after, PAGE):
        found += [group for group, _ in page]
        after = page[-1][1]
    expected = lists_by_row.groups(rows, types, question)
    keys = [[to_plain(group[each]) for each in question.group_by] for group in expected]
    assert [[group[each] for each in question.group_by] for group in found] == keys, (shown.projection.name, question)
    assert [(group["count"], group["sums"]) for group in found] == [(each["count"], each["sums"]) for each in expected]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_lists_and_figures_by_sql_are_those_row_by_row(seed: int) -> None:
    with TemporaryDirectory(dir=fast_folder()) as folder, closing(RandomTrade(Path(folder), seed)) as trade:
        for _ in range(ROUNDS):
            for _ in range(STEPS):
                trade.step()
            require_equal_lists(trade, Random(seed))
        trade.services.deliver_all()
        parties = [*trade.customers, trade.supplier]
        require_equal_figures(trade.erp, Random(seed), QUESTIONS, days=DAYS, parties=parties)
