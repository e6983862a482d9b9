"""Cost of goods and value of stock, with events in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.valuation.domain.costing import CostAdjustment, CostCorrection, CostingResult
from services.erp.valuation.domain.moving_average import MovementMoment
from services.erp.valuation.domain.stock_value import StockValue
from shared.money import Money
from shared.testing import end_of, given, new_events

RECEIPT, SHIPMENT, COUNT = uuid4(), uuid4(), uuid4()


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def day(number: int) -> date:
    return date(2026, 3, 1) + timedelta(days=number)


def moment(number: int, hour: int | None = None) -> MovementMoment:
    """Return a moment of a day, by default its last."""
    on = day(number)
    return MovementMoment(on, end_of(on) if hour is None else datetime.combine(on, time(hour), UTC))


def bolts() -> StockValue:
    return StockValue("BOLT-M8", "MAIN")


def received(stock: StockValue, on: int, quantity: str, paid: str) -> CostingResult:
    return stock.receive(RECEIPT, moment(on), Decimal(quantity), usd(paid))


def issued(stock: StockValue, on: int, quantity: str) -> CostingResult:
    return stock.issue(SHIPMENT, moment(on), Decimal(quantity))


def test_received_goods_have_the_value_of_their_purchase_cost():
    stock = given(bolts())
    assert received(stock, 0, "10", "2.50") == CostingResult(received=usd("2.50"))
    assert new_events(stock) == [
        ("Received", {
            "movement_number": 1, "receipt_id": RECEIPT, "received_on": day(0), "at": end_of(day(0)),
            "quantity": Decimal("10"), "purchase_cost": usd("2.50"), "stock_value": usd("2.50"),
        }),
    ]  # fmt: skip


def test_issued_goods_cost_their_share_rounded_half_up():
    stock = given(bolts(), lambda stock: received(stock, 0, "8", "1.00"))
    assert issued(stock, 1, "1") == CostingResult(cost=usd("0.13"))
    assert (stock.quantity, stock.value) == (7, usd("0.87"))


def test_the_last_unit_takes_the_rest_of_the_value():
    stock = given(bolts(), lambda stock: received(stock, 0, "3", "1.00"))
    costs = [issued(stock, 1, "1").cost for _ in range(3)]
    assert costs == [usd("0.33"), usd("0.34"), usd("0.33")]
    assert (stock.quantity, stock.value) == (0, usd("0.00"))


def test_goods_issued_before_the_first_receipt_cost_its_price_on_their_own_day():
    stock = given(bolts())
    assert issued(stock, 1, "4") == CostingResult(cost=None)
    assert stock.value is None
    assert received(stock, 2, "10", "5.00") == CostingResult(usd("5.00"), None, (CostCorrection(day(1), usd("2.00")),))
    assert (stock.quantity, stock.value) == (6, usd("3.00"))


def test_goods_issued_beyond_stock_have_the_last_unit_cost_until_a_receipt_corrects_it():
    stock = given(bolts(), lambda stock: received(stock, 0, "2", "4.00"))
    assert issued(stock, 1, "5") == CostingResult(cost=usd("10.00"))
    assert (stock.quantity, stock.value) == (-3, usd("-6.00"))
    assert received(stock, 2, "4", "12.00") == CostingResult(usd("12.00"), None, (CostCorrection(day(2), usd("3.00")),))
    assert (stock.quantity, stock.value) == (1, usd("3.00"))


def test_an_earlier_receipt_recosts_later_issues():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"), lambda stock: issued(stock, 5, "1"))
    late = stock.receive(RECEIPT, moment(3), Decimal(1), usd("20.00"))
    assert late == CostingResult(received=usd("20.00"), corrections=(CostCorrection(day(5), usd("5.00")),))
    assert new_events(stock)[-1] == (
        "CostsAdjusted", {"caused_by_id": RECEIPT, "changes": (CostAdjustment(2, day(5), usd("-5.00")),)},
    )  # fmt: skip
    assert (stock.quantity, stock.value) == (1, usd("15.00"))


def test_an_earlier_receipt_at_the_same_cost_recosts_no_issue():
    stock = given(bolts(), lambda stock: received(stock, 0, "2", "10.00"), lambda stock: issued(stock, 5, "1"))
    received(stock, 3, "2", "10.00")
    assert [name for name, _ in new_events(stock)] == ["Received"]


def test_of_two_movements_on_one_day_the_first_to_arrive_counts_first():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    assert issued(stock, 0, "1").cost == usd("10.00")
    assert received(stock, 0, "1", "30.00").corrections == ()


def test_goods_priced_late_keep_their_place_among_the_movements():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    place = stock.await_price(RECEIPT, moment(0), Decimal(1))
    assert issued(stock, 0, "1").cost == usd("10.00")
    priced = stock.receive(RECEIPT, moment(0), Decimal(1), usd("30.00"), place)
    assert priced.corrections == (CostCorrection(day(0), usd("10.00")),)
    assert (stock.quantity, stock.value) == (1, usd("20.00"))


def test_goods_in_another_currency_have_no_value():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    assert stock.receive(RECEIPT, moment(1), Decimal(1), Money("9.00", "EUR")) == CostingResult()
    assert [name for name, _ in new_events(stock)] == ["ValuationSkipped"]
    assert (stock.quantity, stock.value) == (1, usd("10.00"))


def test_a_reversed_receipt_leaves_no_stock_value():
    stock = given(bolts(), lambda stock: received(stock, 0, "4", "8.00"), lambda stock: issued(stock, 3, "4"))
    other = uuid4()
    stock.receive(other, moment(1), Decimal(4), usd("16.00"))
    stock = given(stock)
    assert stock.reverse_receipt(other) == (
        CostingResult(usd("-16.00"), None, (CostCorrection(day(3), usd("-4.00")),)),
    )
    assert [name for name, _ in new_events(stock)] == ["ReceiptReversed", "CostsAdjusted"]
    assert (stock.quantity, stock.value) == (0, usd("0.00"))
    assert stock.reverse_receipt(other) == ()


def test_issues_of_a_reversed_receipt_have_the_last_known_cost():
    stock = given(bolts(), lambda stock: received(stock, 0, "4", "8.00"), lambda stock: issued(stock, 3, "2"))
    assert stock.reverse_receipt(RECEIPT) == (
        CostingResult(usd("-8.00"), None, (CostCorrection(day(3), usd("-4.00")),)),
    )
    assert (stock.quantity, stock.value) == (-2, usd("0.00"))


def test_both_lines_of_one_item_are_reversed():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "2.00"), lambda stock: received(stock, 0, "1", "4.00"))
    assert [each.received for each in stock.reverse_receipt(RECEIPT)] == [usd("-2.00"), usd("-4.00")]
    assert (stock.quantity, stock.value) == (0, usd("0.00"))


def test_a_revised_price_changes_stock_value_and_cost_of_issues():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"), lambda stock: issued(stock, 1, "4"))
    assert stock.reprice(RECEIPT, [usd("30.00")]) == (
        CostingResult(usd("10.00"), None, (CostCorrection(day(1), usd("4.00")),)),
    )
    assert new_events(stock)[0] == (
        "Repriced",
        {
            "movement_number": 1,
            "receipt_id": RECEIPT,
            "received_on": day(0),
            "purchase_cost": usd("30.00"),
            "value_change": usd("10.00"),
        },
    )
    assert (stock.quantity, stock.value) == (6, usd("18.00"))


def test_the_same_price_changes_nothing():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"))
    assert stock.reprice(RECEIPT, [usd("20.00")]) == ()
    assert new_events(stock) == []


def test_missing_goods_of_a_count_are_a_cost():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"))
    assert stock.count(COUNT, moment(2), Decimal(7)) == CostingResult(cost=usd("6.00"))
    assert new_events(stock) == [
        ("Counted", {
            "movement_number": 2, "count_id": COUNT, "counted_on": day(2), "at": end_of(day(2)),
            "counted_quantity": Decimal(7), "difference": Decimal(-3), "value_change": usd("-6.00"),
        }),
    ]  # fmt: skip
    assert (stock.quantity, stock.value) == (7, usd("14.00"))


def test_surplus_goods_of_a_count_have_the_average_cost():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"))
    assert stock.count(COUNT, moment(2), Decimal(12)) == CostingResult(cost=usd("-4.00"))
    assert (stock.quantity, stock.value) == (12, usd("24.00"))


def test_goods_found_without_stock_have_the_last_known_unit_cost():
    stock = given(bolts(), lambda stock: received(stock, 0, "2", "8.00"), lambda stock: issued(stock, 1, "3"))
    assert stock.count(COUNT, moment(2), Decimal(5)) == CostingResult(cost=usd("-24.00"))
    assert (stock.quantity, stock.value) == (5, usd("20.00"))


def test_a_count_of_zero_leaves_no_value():
    stock = given(bolts(), lambda stock: received(stock, 0, "3", "1.00"))
    assert stock.count(COUNT, moment(2), Decimal(0)) == CostingResult(cost=usd("1.00"))
    assert (stock.quantity, stock.value) == (0, usd("0.00"))
    assert issued(stock, 3, "1").cost == usd("0.33")


def test_late_events_change_the_difference_and_never_the_counted_quantity():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"))
    stock.count(COUNT, moment(5), Decimal(7))
    late = stock.issue(SHIPMENT, moment(5, 9), Decimal(2))
    assert late == CostingResult(
        cost=usd("4.00"), corrections=(CostCorrection(day(5), usd("-4.00"), is_count_difference=True),)
    )
    assert new_events(stock)[-1] == (
        "CostsAdjusted", {"caused_by_id": SHIPMENT, "changes": (CostAdjustment(2, day(5), usd("4.00"), Decimal(2)),)},
    )  # fmt: skip
    assert (stock.quantity, stock.value) == (7, usd("14.00"))


def test_movements_after_a_count_count():
    stock = given(bolts(), lambda stock: received(stock, 0, "10", "20.00"))
    stock.count(COUNT, moment(5), Decimal(7))
    assert issued(stock, 6, "2") == CostingResult(cost=usd("4.00"))
    assert stock.quantity == 5


def test_a_count_before_any_price_is_known_has_no_value():
    stock = given(bolts())
    assert stock.count(COUNT, moment(2), Decimal(5)) == CostingResult(cost=None)
    assert (stock.quantity, stock.value) == (5, None)
    assert received(stock, 1, "5", "10.00") == CostingResult(usd("10.00"))
    assert (stock.quantity, stock.value) == (5, usd("10.00"))


@pytest.mark.case("A2")
def test_goods_found_before_any_price_have_the_first_price_that_is_known():
    stock = given(bolts(), lambda stock: stock.count(COUNT, moment(1), Decimal(100)))
    assert received(stock, 2, "100", "400.00") == CostingResult(
        usd("400.00"), None, (CostCorrection(day(1), usd("-400.00"), is_count_difference=True),)
    )
    assert new_events(stock)[-1] == (
        "CostsAdjusted", {"caused_by_id": RECEIPT, "changes": (CostAdjustment(1, day(1), usd("400.00")),)},
    )  # fmt: skip
    assert (stock.quantity, stock.value) == (200, usd("800.00"))


@pytest.mark.case("A2")
def test_goods_found_have_a_first_price_of_any_number_of_decimals():
    stock = given(bolts(), lambda stock: stock.count(COUNT, moment(1), Decimal(100_000)))
    received(stock, 2, "250000", "10.00")
    assert (stock.quantity, stock.value) == (350_000, usd("14.00"))


@pytest.mark.case("A2")
def test_goods_found_have_no_value_again_once_the_only_price_is_reversed():
    stock = given(
        bolts(), lambda stock: stock.count(COUNT, moment(1), Decimal(3)), lambda stock: received(stock, 2, "2", "8.00")
    )
    assert stock.reverse_receipt(RECEIPT) == (
        CostingResult(usd("-8.00"), None, (CostCorrection(day(1), usd("12.00"), is_count_difference=True),)),
    )
    assert (stock.quantity, stock.value) == (3, usd("0.00"))


@pytest.mark.parametrize("on_hand", ["0.001", "3", "1000000"])
def test_selling_all_goods_leaves_no_value(on_hand: str):
    stock = given(bolts(), lambda stock: received(stock, 0, on_hand, "0.07"))
    third = (Decimal(on_hand) / 3).quantize(Decimal("0.0001"))
    for quantity in (third, third, Decimal(on_hand) - 2 * third):
        stock.issue(SHIPMENT, moment(1), quantity)
    assert (stock.quantity, stock.value) == (0, usd("0.00"))


# -- whatever the order of arrival


@dataclass(frozen=True)
class Fact:
    """Something that happened on a day: goods bought (and perhaps a mistake, or at another price), gone, or counted."""

    kind: str
    on: int
    hour: int | None
    quantity: int
    price: int
    later_price: int
    mistake: bool
    id: UUID = field(default_factory=uuid4)

    @property
    def is_count(self) -> bool:
        return self.kind == "count"

    @property
    def moment(self) -> MovementMoment:
        return MovementMoment.first_of(day(self.on)) if self.kind == "opening" else moment(self.on, self.hour)

    def paid(self, price: int) -> Money:
        return usd(str(Decimal(price * self.quantity) / 100))


facts = st.lists(
    st.builds(
        Fact, st.sampled_from(["receipt", "receipt", "issue", "issue", "count", "count", "opening"]),
        st.integers(0, 6), st.sampled_from([None, 0, 9, 15]), st.integers(1, 6), st.integers(0, 999),
        st.integers(0, 999), st.booleans(),
    ),
    min_size=1, max_size=12, unique_by=lambda fact: fact.moment,
)  # fmt: skip


class Books:
    """Return accounts 1400, 5000 and 5200 after all postings, the latter two by business date."""

    def __init__(self) -> None:
        self.stock = StockValue("BOLT-M8", "MAIN")
        self.account_1400 = Decimal(0)
        self.costs: dict[tuple[date, bool], Decimal] = {}

    def know(self, fact: Fact, price: int) -> None:
        if fact.kind == "receipt":
            costing = self.stock.receive(fact.id, fact.moment, Decimal(fact.quantity), fact.paid(price))
        elif fact.kind == "opening":
            value = fact.paid(fact.later_price)
            costing = self.stock.add_opening_stock(fact.id, day(fact.on), Decimal(fact.quantity), value)
        elif fact.kind == "issue":
            costing = self.stock.issue(fact.id, fact.moment, Decimal(fact.quantity))
        else:
            costing = self.stock.count(fact.id, fact.moment, Decimal(fact.quantity))
        self.book(costing, fact)

    def know_better(self, fact: Fact) -> None:
        if fact.kind == "opening" and fact.mistake:
            for each in self.stock.reverse_opening_stock(fact.id):
                self.book(each, fact)
        if fact.kind == "receipt":
            later = (fact.paid(fact.later_price),)
            costings = self.stock.reverse_receipt(fact.id) if fact.mistake else self.stock.reprice(fact.id, later)
            for each in costings:
                self.book(each, fact)

    def book(self, costing: CostingResult, fact: Fact) -> None:
        if costing.received:
            self.account_1400 += costing.received.amount
        self._cost(day(fact.on), costing.cost, fact.is_count)
        for each in costing.corrections:
            self._cost(each.on, each.amount, each.is_count_difference)

    def _cost(self, on: date, cost: Money | None, of_count: bool) -> None:
        if cost:
            self.account_1400 -= cost.amount
            before = self.costs.pop((on, of_count), Decimal(0))
            if before + cost.amount:
                self.costs[on, of_count] = before + cost.amount

    @property
    def value(self) -> Decimal:
        return self.stock.value.amount if self.stock.value else Decimal(0)


def on_time(made: Sequence[Fact]) -> Books:
    """Return the facts in business order, without corrections."""
    books = Books()
    for fact in sorted(made, key=lambda fact: fact.moment):
        if not (fact.kind in ("receipt", "opening") and fact.mistake):
            books.know(fact, fact.later_price)
    return books


Delivery = tuple[Fact, bool]
"""A fact, and whether it is a correction."""


def deliveries(made: Sequence[Fact], overtaken: st.DataObject) -> list[Delivery]:
    """Return every fact and later its correction, in any order across facts."""
    order: Sequence[int] = overtaken.draw(st.permutations([*range(len(made)), *range(len(made))]))
    seen: set[int] = set()
    found = []
    for each in order:
        found.append((made[each], each in seen))
        seen.add(each)
    return found


@for_any(facts, st.data())
def test_late_is_the_same_as_on_time(made: list[Fact], data: st.DataObject):
    late = Books()
    for fact, better in deliveries(made, data):
        late.know_better(fact) if better else late.know(fact, fact.price)
        assert late.value == late.account_1400
    punctual = on_time(made)
    assert (late.stock.quantity, late.value) == (punctual.stock.quantity, punctual.value)
    assert late.costs == punctual.costs


@pytest.mark.case("A2")
@for_any(facts, st.data())
def test_goods_bought_at_one_price_are_worth_it_also_those_found_or_gone_before(made: list[Fact], data: st.DataObject):
    at_one_price = [replace(each, price=400, later_price=400, mistake=False) for each in made]
    books = Books()
    for fact, better in deliveries(at_one_price, data):
        books.know_better(fact) if better else books.know(fact, fact.price)
    is_price_known = any(each.kind in ("receipt", "opening") for each in made)
    assert books.value == (4 * books.stock.quantity if is_price_known else 0)


@for_any(facts, st.data())
def test_replaying_the_events_gives_the_same_balance(made: list[Fact], data: st.DataObject):
    books = Books()
    for fact, better in deliveries(made, data):
        books.know_better(fact) if better else books.know(fact, fact.price)
    again = None
    for each in books.stock.pending_events:
        again = each.mutate(again)
    assert isinstance(again, StockValue)
    assert (again.balance, again.last_movement_number) == (books.stock.balance, books.stock.last_movement_number)


@for_any(facts)
def test_after_a_count_the_counted_quantity_is_on_hand(made: list[Fact]):
    last = max(made, key=lambda fact: fact.moment)
    if last.is_count:
        assert on_time(made).stock.quantity == last.quantity


@for_any(facts)
def test_no_stock_has_no_value_and_stock_has_no_negative_value(made: list[Fact]):
    books = on_time(made)
    if books.stock.quantity == 0:
        assert books.value == 0
    if books.stock.quantity > 0:
        assert books.value >= 0
