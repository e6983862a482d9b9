"""What goods cost, and what is left of their value, in whatever order the news comes."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.domain.stock_value import Cost, Costing, Recosting, StockValue
from shared.money import Money
from shared.testing import given, happened

RECEIPT, SHIPMENT = uuid4(), uuid4()


def usd(amount: str) -> Money:
    return Money(amount, "USD")


def day(number: int) -> date:
    return date(2026, 3, 1) + timedelta(days=number)


def bolts() -> StockValue:
    return StockValue("BOLT-M8", "MAIN")


def received(stock: StockValue, on: int, quantity: str, paid: str) -> Costing:
    return stock.receive(RECEIPT, day(on), Decimal(quantity), usd(paid))


def issued(stock: StockValue, on: int, quantity: str) -> Costing:
    return stock.issue(SHIPMENT, day(on), Decimal(quantity))


def test_received_goods_are_worth_what_was_paid():
    stock = given(bolts())
    assert received(stock, 0, "10", "2.50") == Costing(received=usd("2.50"))
    assert happened(stock) == [
        ("Received", {
            "number": 1, "receipt_id": RECEIPT, "received_on": day(0), "quantity": Decimal("10"),
            "paid": usd("2.50"), "worth": usd("2.50"),
        }),
    ]  # fmt: skip


def test_issued_goods_cost_their_share_half_up():
    stock = given(bolts(), lambda stock: received(stock, 0, "8", "1.00"))
    assert issued(stock, 1, "1") == Costing(cost=usd("0.13"))
    assert (stock.quantity, stock.value) == (7, usd("0.87"))


def test_the_last_piece_takes_the_rest():
    stock = given(bolts(), lambda stock: received(stock, 0, "3", "1.00"))
    costs = [issued(stock, 1, "1").cost for _ in range(3)]
    assert costs == [usd("0.33"), usd("0.34"), usd("0.33")]
    assert (stock.quantity, stock.value) == (0, usd("0.00"))


def test_goods_issued_before_anything_was_received_cost_nothing_until_the_receipt_comes():
    stock = given(bolts())
    assert issued(stock, 1, "4") == Costing(cost=None)
    assert stock.value is None
    assert received(stock, 2, "10", "5.00") == Costing(usd("5.00"), None, (Cost(day(2), usd("2.00")),))
    assert (stock.quantity, stock.value) == (6, usd("3.00"))


def test_goods_issued_beyond_what_is_there_cost_the_last_known_price_until_a_receipt_corrects_it():
    stock = given(bolts(), lambda stock: received(stock, 0, "2", "4.00"))
    assert issued(stock, 1, "5") == Costing(cost=usd("10.00"))
    assert (stock.quantity, stock.value) == (-3, usd("-6.00"))
    assert received(stock, 2, "4", "12.00") == Costing(usd("12.00"), None, (Cost(day(2), usd("3.00")),))
    assert (stock.quantity, stock.value) == (1, usd("3.00"))


def test_a_receipt_dated_earlier_recosts_what_left_after_it():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"), lambda stock: issued(stock, 5, "1"))
    late = stock.receive(RECEIPT, day(3), Decimal(1), usd("20.00"))
    assert late == Costing(received=usd("20.00"), corrections=(Cost(day(5), usd("5.00")),))
    assert happened(stock)[-1] == (
        "Recosted", {"cause": RECEIPT, "changes": (Recosting(2, day(5), usd("-5.00")),)},
    )  # fmt: skip
    assert (stock.quantity, stock.value) == (1, usd("15.00"))


def test_a_receipt_dated_earlier_that_changes_no_cost_recosts_nothing():
    stock = given(bolts(), lambda stock: received(stock, 0, "2", "10.00"), lambda stock: issued(stock, 5, "1"))
    received(stock, 3, "2", "10.00")
    assert [name for name, _ in happened(stock)] == ["Received"]


def test_of_two_movements_on_one_day_the_first_to_arrive_counts_first():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    assert issued(stock, 0, "1").cost == usd("10.00")
    assert received(stock, 0, "1", "30.00").corrections == ()


def test_goods_whose_price_comes_late_keep_their_place():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    place = stock.announce(RECEIPT, day(0), Decimal(1))
    assert issued(stock, 0, "1").cost == usd("10.00")
    priced = stock.receive(RECEIPT, day(0), Decimal(1), usd("30.00"), place)
    assert priced.corrections == (Cost(day(0), usd("10.00")),)
    assert (stock.quantity, stock.value) == (1, usd("20.00"))


def test_goods_bought_in_another_currency_stay_without_value():
    stock = given(bolts(), lambda stock: received(stock, 0, "1", "10.00"))
    assert stock.receive(RECEIPT, day(1), Decimal(1), Money("9.00", "EUR")) == Costing()
    assert [name for name, _ in happened(stock)] == ["LeftUnvalued"]
    assert (stock.quantity, stock.value) == (1, usd("10.00"))


@pytest.mark.parametrize("on_hand", ["0.001", "3", "1000000"])
def test_selling_everything_leaves_nothing(on_hand: str):
    stock = given(bolts(), lambda stock: received(stock, 0, on_hand, "0.07"))
    third = (Decimal(on_hand) / 3).quantize(Decimal("0.0001"))
    for quantity in (third, third, Decimal(on_hand) - 2 * third):
        stock.issue(SHIPMENT, day(1), quantity)
    assert (stock.quantity, stock.value) == (0, usd("0.00"))


# -- whatever the order of arrival

Move = tuple[int, int, int]
"""Day, quantity (negative = issued), price in cents."""

moves = st.lists(
    st.tuples(st.integers(0, 30), st.integers(-6, 6).filter(bool), st.integers(0, 999)),
    min_size=1, max_size=12, unique_by=lambda move: move[0],
)  # fmt: skip


class Books:
    """Accounts 1400 and 5000 as the postings leave them, the latter by business date."""

    def __init__(self) -> None:
        self.stock = StockValue("BOLT-M8", "MAIN")
        self.account_1400 = Decimal(0)
        self.account_5000: dict[date, Decimal] = {}

    def move(self, move: Move) -> None:
        on, quantity, price = move
        if quantity > 0:
            costing = self.stock.receive(RECEIPT, day(on), Decimal(quantity), usd(str(Decimal(price * quantity) / 100)))
        else:
            costing = self.stock.issue(SHIPMENT, day(on), Decimal(-quantity))
        if costing.received:
            self.account_1400 += costing.received.amount
        self._cost(day(on), costing.cost)
        for each in costing.corrections:
            self._cost(each.on, each.amount)

    def _cost(self, on: date, cost: Money | None) -> None:
        if cost:
            self.account_1400 -= cost.amount
            self.account_5000[on] = self.account_5000.get(on, Decimal(0)) + cost.amount

    @property
    def value(self) -> Decimal:
        return self.stock.value.amount if self.stock.value else Decimal(0)

    @property
    def costs(self) -> dict[date, Decimal]:
        return {on: cost for on, cost in sorted(self.account_5000.items()) if cost}


@for_any(moves.flatmap(lambda made: st.tuples(st.just(sorted(made)), st.permutations(made))))
def test_late_is_the_same_as_on_time(both: tuple[list[Move], list[Move]]):
    on_time, late = Books(), Books()
    for move in both[0]:
        on_time.move(move)
    for move in both[1]:
        late.move(move)
        assert late.value == late.account_1400
    assert (late.stock.quantity, late.value) == (on_time.stock.quantity, on_time.value)
    assert late.costs == on_time.costs


@for_any(moves)
def test_replaying_the_events_gives_the_same_standing(made: list[Move]):
    books = Books()
    for move in made:
        books.move(move)
    again = None
    for each in books.stock.pending_events:
        again = each.mutate(again)
    assert isinstance(again, StockValue)
    assert (again.standing, again.arrivals) == (books.stock.standing, books.stock.arrivals)


@for_any(moves)
def test_nothing_on_hand_is_worth_nothing_and_something_is_never_worth_less(made: list[Move]):
    books = Books()
    for move in sorted(made):
        books.move(move)
        if books.stock.quantity == 0:
            assert books.value == 0
        if books.stock.quantity > 0:
            assert books.value >= 0
