"""Moving average, as other systems' published tests have it."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from uuid import UUID, uuid4

import pytest

from services.erp.valuation.domain.costing import CostingResult
from services.erp.valuation.domain.moving_average import MovementMoment
from services.erp.valuation.domain.stock_value import StockValue
from shared.money import Money
from shared.testing import end_of
from tests.golden.cases import Case, load_case


def stock(initial_cost: str | None = None) -> StockValue:
    """Nothing on hand; the last known unit cost is the initial one."""
    goods = StockValue("SKU", "MAIN")
    if initial_cost:
        goods.receive(uuid4(), moment(on(-1)), Decimal(1), usd(initial_cost))
        goods.issue(uuid4(), moment(on(-1)), Decimal(1))
    return goods


def usd(amount: str | int | Decimal) -> Money:
    return Money(amount, "USD")


def on(day: int) -> date:
    return date(2022, 1, 1) + timedelta(days=day)


def moment(day: date) -> MovementMoment:
    """Return the moment of a movement that names a day alone."""
    return MovementMoment(day, end_of(day))


def moved(goods: StockValue, move: Case, day: int) -> CostingResult:
    quantity = Decimal(move["qty"])
    if move["type"] == "receipt":
        return goods.receive(uuid4(), moment(on(day)), quantity, usd(Decimal(move["unit_cost"]) * quantity))
    return goods.issue(uuid4(), moment(on(day)), quantity)


def worth(goods: StockValue) -> Decimal:
    assert goods.value is not None
    return goods.value.amount


def test_moving_average_over_receipts():
    case = load_case("inv-avg-01")
    goods = stock(case["input"]["initial_cost"])
    averages = []
    for move in case["input"]["moves"]:
        moved(goods, move, 0)
        averages.append(f"{goods.balance.unit_cost:.4f}")
    assert averages == case["expected"]["average_cost_after_each"]
    assert goods.quantity == Decimal(case["expected"]["on_hand"])
    assert worth(goods) == Decimal(case["expected"]["stock_value"])


def test_moving_average_while_stock_is_negative():
    case = load_case("inv-avg-02")
    goods = stock(case["input"]["initial_cost"])
    averages = []
    for move in case["input"]["moves"]:
        moved(goods, move, 0)
        averages.append(f"{goods.balance.unit_cost:.4f}")
    assert averages == case["expected"]["average_cost_after_each"]
    assert goods.quantity == Decimal(case["expected"]["on_hand"])


def test_selling_everything_leaves_nothing():
    case = load_case("inv-residual-01")
    goods = stock()
    costs = [moved(goods, move, 0).cost for move in case["input"]["moves"]]
    assert costs[-1] == usd(case["expected"]["cogs"])
    assert goods.quantity == Decimal(case["expected"]["on_hand"])
    assert worth(goods) == Decimal(case["expected"]["stock_value"])


@pytest.mark.parametrize("arrival", ["as recorded", "issues first", "backwards"])
def test_an_issue_sees_only_what_precedes_it_in_business_time(arrival: str):
    case = load_case("inv-backdate-01")
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


def test_on_one_day_movements_count_in_order_of_arrival_and_one_taken_back_was_never_there():
    case = load_case("inv-tie-01")
    goods, ids, running = stock(), dict[str, UUID](), dict[str, list[str]]()
    for number, step in enumerate(case["input"]["steps"], 1):
        receipt_id = ids.setdefault(step["id"], uuid4())
        if step["do"] == "receipt":
            goods.receive(receipt_id, moment(date.fromisoformat(step["at"][:10])), Decimal(step["qty"]), usd("1.00"))
        else:
            goods.reverse_receipt(receipt_id)
        running[str(number)] = [str(each) for each in accumulate(each.quantity for each in goods.movements)]
    expected = case["expected"]["running_qty_after_step"]
    assert {number: running[number] for number in expected} == expected


def test_late_events_change_the_difference_of_a_count_and_never_its_result():
    """The issue that is cancelled later is one whose goods came back on the day they had left."""
    case = load_case("inv-count-01")
    goods, issued = stock(), {}
    for each in case["input"]["events"]:
        day, quantity = date.fromisoformat(each["date"]), Decimal(each["qty"])
        if each["type"] == "receipt":
            goods.receive(uuid4(), moment(day), quantity, usd(quantity * 2))
        elif each["type"] == "issue":
            issued[each.get("id")] = day, quantity
            goods.issue(uuid4(), moment(day), quantity)
        else:
            before = goods.count(uuid4(), moment(day), quantity)
    assert (found_missing(goods), goods.quantity) == of(case["expected"]["before"])
    assert before.cost == usd(104)
    day, quantity = issued[case["input"]["late"]["cancel"]]
    goods.receive(uuid4(), moment(day), quantity, usd(quantity * 2))
    assert (found_missing(goods), goods.quantity) == of(case["expected"]["after"])
    assert worth(goods) == 2


def found_missing(goods: StockValue) -> Decimal:
    return sum((each.quantity for each in goods.movements if each.is_count), Decimal(0))


def of(expected: dict[str, str]) -> tuple[Decimal, Decimal]:
    return Decimal(expected["adjustment"]), Decimal(expected["on_hand"])
