"""Moving average, as other systems' published tests have it."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.erp.domain.stock_value import Costing, StockValue
from shared.money import Money
from tests.golden.cases import Case, golden


def stock(initial_cost: str | None = None) -> StockValue:
    """Nothing on hand; the last known unit cost is the initial one."""
    goods = StockValue("SKU", "MAIN")
    if initial_cost:
        goods.receive(uuid4(), on(-1), Decimal(1), usd(initial_cost))
        goods.issue(uuid4(), on(-1), Decimal(1))
    return goods


def usd(amount: str | Decimal) -> Money:
    return Money(amount, "USD")


def on(day: int) -> date:
    return date(2022, 1, 1) + timedelta(days=day)


def moved(goods: StockValue, move: Case, day: int) -> Costing:
    quantity = Decimal(move["qty"])
    if move["type"] == "receipt":
        return goods.receive(uuid4(), on(day), quantity, usd(Decimal(move["unit_cost"]) * quantity))
    return goods.issue(uuid4(), on(day), quantity)


def worth(goods: StockValue) -> Decimal:
    assert goods.value is not None
    return goods.value.amount


def test_moving_average_over_receipts():
    case = golden("inv-avg-01")
    goods = stock(case["input"]["initial_cost"])
    averages = []
    for move in case["input"]["moves"]:
        moved(goods, move, 0)
        averages.append(str(goods.standing.unit_cost))
    assert averages == case["expected"]["average_cost_after_each"]
    assert goods.quantity == Decimal(case["expected"]["on_hand"])
    assert worth(goods) == Decimal(case["expected"]["stock_value"])


def test_moving_average_while_stock_is_negative():
    case = golden("inv-avg-02")
    goods = stock(case["input"]["initial_cost"])
    averages = []
    for move in case["input"]["moves"]:
        moved(goods, move, 0)
        averages.append(str(goods.standing.unit_cost))
    assert averages == case["expected"]["average_cost_after_each"]
    assert goods.quantity == Decimal(case["expected"]["on_hand"])


def test_selling_everything_leaves_nothing():
    case = golden("inv-residual-01")
    goods = stock()
    costs = [moved(goods, move, 0).cost for move in case["input"]["moves"]]
    assert costs[-1] == usd(case["expected"]["cogs"])
    assert goods.quantity == Decimal(case["expected"]["on_hand"])
    assert worth(goods) == Decimal(case["expected"]["stock_value"])


@pytest.mark.parametrize("arrival", ["as recorded", "issues first", "backwards"])
def test_an_issue_sees_only_what_precedes_it_in_business_time(arrival: str):
    case = golden("inv-backdate-01")
    recorded = case["input"]["recorded_order"]
    orders = {
        "as recorded": recorded,
        "issues first": sorted(recorded, key=lambda move: move["type"] == "receipt"),
        "backwards": sorted(recorded, key=lambda move: (-move["day"], move["type"] == "issue")),
    }
    goods, costs = stock(), dict[date, Decimal]()
    for move in orders[arrival]:
        costing = moved(goods, move, move["day"])
        own = [(on(move["day"]), costing.cost)] if costing.cost else []
        for day, cost in [*own, *((each.on, each.amount) for each in costing.corrections)]:
            costs[day] = costs.get(day, Decimal(0)) + cost.amount
    if arrival != "issues first":
        assert [str(cost.normalize()) for _, cost in sorted(costs.items()) if cost] == case["expected"]["issue_values"]
    assert sum(costs.values()) == sum(Decimal(each) for each in case["expected"]["issue_values"])
    assert goods.quantity == Decimal(case["expected"]["final_qty"])
    assert worth(goods) == Decimal(case["expected"]["final_value"])


def test_on_one_day_movements_count_in_order_of_arrival():
    """The steps that add; taking a receipt back is not built yet."""
    case = golden("inv-tie-01")
    first, second = (step for step in case["input"]["steps"][:2])
    goods, running = stock(), []
    for step in (first, second):
        goods.receive(uuid4(), date.fromisoformat(step["at"][:10]), Decimal(step["qty"]), usd("1.00"))
        running.append(str(goods.quantity))
    assert running == case["expected"]["running_qty_after_step"]["2"]
