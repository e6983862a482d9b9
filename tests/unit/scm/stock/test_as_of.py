"""Stock of the past over HTTP: at the end of a business day, and as recorded at an instant or position."""

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest

from shared.testing.services import deliver
from shared.testing.web import ApiCaller
from tests.unit.scm.caller import CheckedCaller
from tests.unit.scm.examples import a_placed_order, a_purchase_order, register_item, register_warehouse, shipments_of

pytestmark = pytest.mark.case("U5")


def day(number: int) -> str:
    return f"1996-07-{number:02}"


def receive(warehouse: CheckedCaller, quantity: int, **moment: str) -> str:
    """Receive tofu on a day or at an instant; return the id of the receipt."""
    sent = a_purchase_order(TOFU=quantity)
    deliver(warehouse.service, sent)
    lines = [{"sku": "TOFU", "quantity": str(quantity)}]
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": lines, **moment}
    return str(warehouse.post("/goods-receipts", body, 201)["id"])


def count(warehouse: CheckedCaller, quantity: int, **moment: str) -> None:
    body = {"warehouse": "MAIN", "lines": [{"sku": "TOFU", "quantity": str(quantity)}], **moment}
    warehouse.post("/stock-counts", body, 201)


def open_stock(warehouse: CheckedCaller, quantity: int, on: str) -> str:
    worth = {"amount": "1.00", "currency": "USD"}
    lines = [{"sku": "TOFU", "quantity": str(quantity), "value": worth}]
    body = {"warehouse": "MAIN", "opened_on": on, "lines": lines}
    return str(warehouse.post("/opening-stock", body, 201)["id"])


def dispatch(warehouse: CheckedCaller, quantity: int, on: str) -> None:
    order = a_placed_order(warehouse.service, ("TOFU", quantity), ordered_on=date(1996, 7, 1))
    (shipment,) = shipments_of(warehouse.service, order)
    warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"dispatched_on": on})


def on_hand(warehouse: CheckedCaller, question: str = "") -> str | None:
    """Return how much tofu the list shows; None if it has no row of tofu."""
    rows = warehouse.get(f"/stock?sku=TOFU{question}")["data"]
    return rows[0]["on_hand"] if rows else None


def on_days(warehouse: CheckedCaller, first: int, last: int) -> list[str | None]:
    return [on_hand(warehouse, f"&as_of={day(each)}") for each in range(first, last + 1)]


def head(warehouse: CheckedCaller) -> int:
    return int(warehouse.service.store.head())


def require_equal_when_rebuilt(warehouse: CheckedCaller) -> None:
    warehouse.get("/stock")
    compared = warehouse.service.read_models.rebuild()
    assert {name for name, each in compared.items() if not each.is_equal} == set()


def test_stock_at_the_end_of_a_day_has_the_movements_until_then(warehouse):
    receive(warehouse, 10, received_on=day(2))
    dispatch(warehouse, 3, day(4))
    assert on_days(warehouse, 1, 5) == [None, "10", "10", "7", "7"]
    assert on_hand(warehouse) == "7"


def test_a_row_of_a_day_has_the_id_of_the_stock_and_its_days_and_nothing_that_has_no_day(warehouse):
    receive(warehouse, 10, received_on=day(2))
    receive(warehouse, 5, received_on=day(4))
    (now,) = warehouse.get("/stock")["data"]
    (then,) = warehouse.get(f"/stock?as_of={day(3)}")["data"]
    assert then == {
        "id": now["id"], "sku": "TOFU", "warehouse": "MAIN", "on_hand": "10", "reserved": None, "available": None,
        "backordered": None, "on_order": None, "since": day(2), "until": day(4), "previous": None,
    }  # fmt: skip
    (newest,) = warehouse.get(f"/stock?as_of={day(9)}&id={now['id']}")["data"]
    assert [newest[each] for each in ("on_hand", "since", "until", "previous")] == ["15", day(4), None, day(2)]


def test_a_back_dated_receipt_counts_from_its_own_day(warehouse):
    receive(warehouse, 10, received_on=day(2))
    receive(warehouse, 1, received_on=day(6))
    receive(warehouse, 5, received_on=day(4))
    receive(warehouse, 7, received_on=day(1))
    assert on_days(warehouse, 1, 6) == ["7", "17", "17", "22", "22", "23"]
    require_equal_when_rebuilt(warehouse)


def test_a_count_fixes_the_stock_of_its_day_and_a_late_receipt_before_it_ends_there(warehouse):
    receive(warehouse, 10, received_on=day(2))
    count(warehouse, 8, counted_on=day(6))
    receive(warehouse, 5, received_on=day(4))
    assert on_days(warehouse, 1, 7) == [None, "10", "10", "15", "15", "8", "8"]
    assert on_hand(warehouse) == "8"


def test_a_count_at_an_instant_leaves_what_comes_later_that_day_on_hand(warehouse):
    receive(warehouse, 10, received_on=day(2))
    count(warehouse, 4, at="1996-07-03T12:00:00Z")
    receive(warehouse, 5, at="1996-07-03T15:00:00Z")
    receive(warehouse, 9, at="1996-07-03T08:00:00Z")
    assert on_days(warehouse, 2, 4) == ["10", "9", "9"]


def test_a_reversed_receipt_was_never_there(warehouse):
    mistaken = receive(warehouse, 10, received_on=day(2))
    receive(warehouse, 5, received_on=day(3))
    count(warehouse, 20, counted_on=day(5))
    before = head(warehouse)
    warehouse.post(f"/goods-receipts/{mistaken}/reverse", {"reason": "twice"})
    assert on_days(warehouse, 2, 5) == ["0", "5", "5", "20"]
    assert on_hand(warehouse, f"&as_of={day(2)}&known_at={before}") == "10"
    require_equal_when_rebuilt(warehouse)


def test_an_opening_stock_is_there_from_its_day_until_it_is_reversed(warehouse):
    opened = open_stock(warehouse, 12, day(3))
    assert on_days(warehouse, 2, 4) == [None, "12", "12"]
    ApiCaller(warehouse.service, actor="laura").post(f"/opening-stock/{opened}/reverse", {"reason": "mistyped"})
    assert on_days(warehouse, 2, 4) == [None, "12", "12"]
    warehouse.post(f"/opening-stock/{opened}/reverse", {"reason": "mistyped"})
    assert on_days(warehouse, 2, 4) == [None, "0", "0"]


def test_a_day_is_that_of_the_warehouse(warehouse):
    warehouse.post("/warehouses", {"code": "EAST", "name": "East", "time_zone": "Asia/Shanghai"}, 201)
    body = {"warehouse": "EAST", "lines": [{"sku": "TOFU", "quantity": "3"}], "at": "1996-07-02T20:00:00Z"}
    warehouse.post("/stock-counts", body, 201)
    assert [on_hand(warehouse, f"&warehouse=EAST&as_of={day(each)}") for each in (2, 3)] == [None, "3"]


def test_stock_as_known_at_an_instant_is_that_at_the_position_of_its_newest_event(warehouse):
    receive(warehouse, 10, received_on=day(2))
    position = head(warehouse)
    instant = warehouse.service.store.recorded_at(position).isoformat().replace("+00:00", "Z")
    receive(warehouse, 5, received_on=day(1))
    (now,) = warehouse.get("/stock")["data"]
    (at_position,) = warehouse.get(f"/stock?known_at={position}")["data"]
    (at_instant,) = warehouse.get(f"/stock?known_at={instant}")["data"]
    assert (now["on_hand"], at_position["on_hand"]) == ("15", "10")
    assert at_instant == at_position
    assert warehouse.get("/stock?known_at=0")["data"] == []
    assert on_hand(warehouse, f"&known_at={position}&as_of={day(1)}") is None
    assert on_hand(warehouse, f"&as_of={day(1)}") == "5"


def test_reservations_of_the_past_are_known(warehouse):
    receive(warehouse, 10, received_on=day(2))
    before = head(warehouse)
    a_placed_order(warehouse.service, ("TOFU", 4))
    (then,) = warehouse.get(f"/stock?known_at={before}")["data"]
    (now,) = warehouse.get("/stock")["data"]
    assert [(each["reserved"], each["available"]) for each in (then, now)] == [("0", "10"), ("4", "6")]


def test_the_stock_of_a_day_is_filtered_sorted_summed_and_read_page_by_page(warehouse):
    register_item(warehouse.service, "CHAI")
    for quantity, sku in ((10, "TOFU"), (20, "CHAI")):
        sent = a_purchase_order(**{sku: quantity})
        deliver(warehouse.service, sent)
        body = {"purchase_order_id": str(sent.purchase_order_id), "received_on": day(2)}
        warehouse.post("/goods-receipts", {**body, "lines": [{"sku": sku, "quantity": str(quantity)}]}, 201)
    receive(warehouse, 100, received_on=day(5))
    page = warehouse.get(f"/stock?as_of={day(3)}&sort=-on_hand&limit=1&sum=on_hand&count=true")
    assert ([each["sku"] for each in page["data"]], page["count"]) == (["CHAI"], 2)
    rest = warehouse.get(f"/stock?as_of={day(3)}&sort=-on_hand&limit=1&cursor={page['next_cursor']}")
    assert [each["sku"] for each in rest["data"]] == ["TOFU"]
    assert [each["sku"] for each in warehouse.get(f"/stock?as_of={day(5)}&on_hand[gt]=20")["data"]] == ["TOFU"]
    warehouse.get(f"/stock?as_of={day(4)}&sort=-on_hand&limit=1&cursor={page['next_cursor']}", 422)


@pytest.mark.parametrize("value", ["1996-02-30", "yesterday", "", "1996-07-04T00:00:00Z"])
def test_a_day_that_is_none_is_refused(warehouse, value):
    (error,) = warehouse.get(f"/stock?as_of={value}", 422)["errors"]
    assert error["pointer"] == "/as_of"


@pytest.mark.parametrize("path", ["/goods-receipts", "/shipments", "/stock-counts", "/items", "/warehouses"])
def test_the_refusal_of_a_list_without_history_names_what_to_do(warehouse, path):
    (error,) = warehouse.get(f"{path}?known_at=1", 422)["errors"]
    assert error["pointer"] == "/known_at"
    assert "keeps no history" in error["detail"]
    assert "single record" in error["detail"]
    (error,) = warehouse.get(f"{path}?as_of={day(1)}", 422)["errors"]
    assert "no business day" in error["detail"]


def test_single_records_are_shown_as_they_were_known(warehouse):
    main = register_warehouse(warehouse.service, "WEST")
    for path in ("/items/TOFU", f"/warehouses/{main.id}"):
        before, position = warehouse.get(path), head(warehouse)
        warehouse.patch(path, {"name": "Another"}, before["version"])
        assert warehouse.get(path)["name"] == "Another"
        assert warehouse.get(f"{path}?known_at={position}") == before
        warehouse.get(f"{path}?known_at=0", 404)
        warehouse.get(f"{path}?known_at={head(warehouse) + 1}", 422)
        warehouse.get(f"{path}?known_at={position}&show=allowed_commands", 422)


class Movement(NamedTuple):
    """A request of the random history: when it takes effect, its order of arrival, and what it does."""

    on: int
    arrival: int
    kind: str
    quantity: int


def stocks(movements: Sequence[Movement]) -> list[int]:
    """Return the stock after each of what was requested: a count sets the stock, everything else changes it."""
    found = [0]
    for each in sorted(movements):
        found.append(each.quantity if each.kind == "count" else found[-1] + each.quantity)
    return found


def expected(movements: Sequence[Movement], until: int) -> str:
    return str(stocks([each for each in movements if each.on <= until])[-1])


class RandomRequests:
    """Random requests on tofu, and those of them that were not refused."""

    def __init__(self, warehouse: CheckedCaller, seed: int) -> None:
        self.warehouse, self.chance = warehouse, random.Random(seed)
        self.plain = ApiCaller(warehouse.service)
        self.movements = list[Movement]()
        self.receipts = dict[str, Movement]()

    def send_next(self, arrival: int) -> None:
        request = self.chance.choice([self.receive, self.receive, self.count, self.dispatch, self.reverse])
        request(self.chance.randint(1, 12), arrival, self.chance.randint(1, 9))

    def receive(self, on: int, arrival: int, quantity: int) -> None:
        new = Movement(on, arrival, "receipt", quantity)
        self.receipts[receive(self.warehouse, quantity, received_on=day(on))] = new
        self.movements.append(new)

    def count(self, on: int, arrival: int, quantity: int) -> None:
        body = {"warehouse": "MAIN", "counted_on": day(on), "lines": [{"sku": "TOFU", "quantity": str(quantity)}]}
        if self.plain.post("/stock-counts", body).status_code == 201:
            self.movements.append(Movement(on, arrival, "count", quantity))

    def dispatch(self, on: int, arrival: int, quantity: int) -> None:
        gone = Movement(on, arrival, "dispatch", -quantity)
        if Decimal(on_hand(self.warehouse) or 0) >= quantity and min(stocks([*self.movements, gone])) >= 0:
            dispatch(self.warehouse, quantity, day(on))
            self.movements.append(gone)

    def reverse(self, *_: int) -> None:
        for receipt in self.chance.sample(list(self.receipts), min(1, len(self.receipts))):
            if self.plain.post(f"/goods-receipts/{receipt}/reverse", {"reason": "mistaken"}).status_code == 200:
                self.movements.remove(self.receipts.pop(receipt))


@pytest.mark.parametrize("seed", range(6))
def test_random_movements_in_any_order_give_what_the_requests_add_up_to(warehouse, seed):
    requests, known = RandomRequests(warehouse, seed), dict[int, list[str]]()
    for arrival in range(30):
        requests.send_next(arrival)
        known[head(warehouse)] = [expected(requests.movements, each) for each in range(14)]
    now = known[head(warehouse)]
    assert [on_hand(warehouse, f"&as_of={day(each)}") or "0" for each in range(1, 14)] == now[1:]
    assert on_hand(warehouse) == now[-1]
    for position, then in known.items():
        on = requests.chance.randint(1, 13)
        assert (on_hand(warehouse, f"&as_of={day(on)}&known_at={position}") or "0") == then[on]
    require_equal_when_rebuilt(warehouse)
