"""Movements of goods take effect in order of their days and instants, in stock and in the books alike."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scm.opening_stock.domain.opening_stock import OpeningStockLine
from shared import codec
from shared.domain import DomainError
from shared.testing.web import create_client
from tests.flows.firm import TradingFirm, deliver_out_of_order, open_firm, usd
from tests.unit.scm.examples import at_hour, counted, goods

ISSUED, FIRST_DAY = "dispatched_on", date(2026, 3, 1)


def today() -> date:
    return datetime.now(UTC).date()


def yesterday() -> date:
    return today() - timedelta(days=1)


def rfc_3339(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Warehouse:
    """A warehouse of mugs at 5.00, as its API and that of the books show it."""

    def __init__(self, firm: TradingFirm) -> None:
        self.firm, self.scm, self.erp = firm, create_client(firm.scm), create_client(firm.erp)
        self.supplier = firm.create_master_data("MUG")
        self.customer = firm.create_customer("ALFKI")

    def post(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        reply = self.scm.post(path, json=body)
        assert reply.status_code == status, reply.json
        self.firm.deliver_all()
        answer: dict[str, Any] = reply.json
        return answer

    def receive(self, quantity: str, status: int = 201, price: str = "5.00", **when: str) -> dict[str, Any]:
        order = self.firm.send_purchase_order(self.supplier, ("MUG", quantity), price=price, ordered_on=FIRST_DAY)
        lines = [{"sku": "MUG", "quantity": quantity}]
        return self.post("/goods-receipts", {"purchase_order_id": str(order), "lines": lines, **when}, status)

    def count(self, quantity: str, status: int = 201, **when: str) -> dict[str, Any]:
        lines = [{"sku": "MUG", "quantity": quantity}]
        return self.post("/stock-counts", {"warehouse": "MAIN", "lines": lines, **when}, status)

    def dispatch(self, quantity: str, status: int = 200, **when: str) -> dict[str, Any]:
        order = self.firm.place_order(self.customer, ("MUG", quantity), ordered_on=FIRST_DAY)
        self.firm.deliver_all()
        return self.post(f"/shipments/{self.firm.shipment(order)['id']}/dispatch", when, status)

    def difference(self, count: dict[str, Any]) -> str:
        return str(self.scm.get(f"/stock-counts/{count['id']}").json["lines"][0]["difference"])

    @property
    def stock(self) -> tuple[str, str]:
        """On hand and its value, after stock and books were found to agree; also where it is tomorrow already."""
        self.firm.check_invariants()
        [row] = self.scm.get("/stock?sku=MUG").json["data"]
        [value] = self.erp.get(f"/stock-value?as_of={today() + timedelta(days=1)}").json["rows"]
        assert value["quantity"] == row["on_hand"]
        return row["on_hand"], value["value"]["amount"]


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_firm() as firm:
        yield Warehouse(firm)


@pytest.fixture
def ten_mugs(warehouse: Warehouse) -> Warehouse:
    """Return a warehouse with 10 mugs since yesterday morning."""
    warehouse.receive("10", at=rfc_3339(at_hour(yesterday(), 6)))
    return warehouse


@pytest.mark.case("B01", "C21")
def test_what_is_received_after_a_count_of_the_day_moves_on_from_what_was_counted(ten_mugs: Warehouse) -> None:
    count = ten_mugs.count("10", counted_on=today().isoformat())
    assert ten_mugs.difference(count) == "0"
    ten_mugs.receive("5", received_on=today().isoformat())
    assert ten_mugs.stock == ("15", "75.00")
    assert ten_mugs.difference(count) == "0"
    assert "5200" not in ten_mugs.firm.balances()


@pytest.mark.case("B01")
def test_what_is_dispatched_after_a_count_of_the_day_moves_on_from_what_was_counted(ten_mugs: Warehouse) -> None:
    count = ten_mugs.count("9")
    ten_mugs.dispatch("4")
    assert (ten_mugs.stock, ten_mugs.difference(count)) == (("5", "25.00"), "-1")
    assert ten_mugs.firm.balances()["5200"] == "5.00"


@pytest.mark.case("B01")
def test_the_later_of_two_counts_of_a_day_starts_from_the_earlier_one(ten_mugs: Warehouse) -> None:
    first = ten_mugs.count("8", counted_on=today().isoformat())
    ten_mugs.receive("2")
    second = ten_mugs.count("9", counted_on=today().isoformat())
    assert ten_mugs.stock == ("9", "45.00")
    assert (ten_mugs.difference(first), ten_mugs.difference(second)) == ("-2", "-1")


@pytest.mark.case("B01")
def test_a_count_of_yesterday_entered_today_keeps_the_movements_of_today(ten_mugs: Warehouse) -> None:
    ten_mugs.receive("5")
    ten_mugs.dispatch("3")
    count = ten_mugs.count("11", counted_on=yesterday().isoformat())
    assert (ten_mugs.stock, ten_mugs.difference(count)) == (("13", "65.00"), "1")


@pytest.mark.case("B01")
def test_a_movement_of_a_past_day_without_an_instant_comes_after_an_earlier_count_of_that_day(
    ten_mugs: Warehouse,
) -> None:
    count = ten_mugs.count("10", counted_on=yesterday().isoformat())
    ten_mugs.receive("5", received_on=yesterday().isoformat())
    assert (ten_mugs.stock, ten_mugs.difference(count)) == (("15", "75.00"), "0")


@pytest.mark.case("B01")
@pytest.mark.parametrize(("hour", "on_hand", "difference"), [(10, "12", "-1"), (14, "15", "2")])
def test_a_late_receipt_is_included_in_a_count_only_if_it_came_before_it(
    ten_mugs: Warehouse, hour: int, on_hand: str, difference: str
) -> None:
    count = ten_mugs.count("12", at=rfc_3339(at_hour(yesterday(), 12)))
    late = ten_mugs.receive("3", at=rfc_3339(at_hour(yesterday(), hour)))
    assert (ten_mugs.stock[0], ten_mugs.difference(count)) == (on_hand, difference)
    assert late["received_on"] == yesterday().isoformat()
    ten_mugs.post(f"/goods-receipts/{late['id']}/reverse", {"reason": "mistyped"}, 200)
    assert (ten_mugs.stock[0], ten_mugs.difference(count)) == ("12", "2")


@pytest.mark.case("B01")
@pytest.mark.parametrize(("hour", "on_hand", "difference"), [(10, "7", "1"), (14, "3", "-3")])
def test_a_late_dispatch_is_included_in_a_count_only_if_it_left_before_it(
    ten_mugs: Warehouse, hour: int, on_hand: str, difference: str
) -> None:
    count = ten_mugs.count("7", at=rfc_3339(at_hour(yesterday(), 12)))
    ten_mugs.dispatch("4", at=rfc_3339(at_hour(yesterday(), hour)))
    assert (ten_mugs.stock[0], ten_mugs.difference(count)) == (on_hand, difference)


@pytest.mark.case("B01")
def test_a_receipt_is_reversed_at_its_own_place_before_or_after_a_count_of_its_day(ten_mugs: Warehouse) -> None:
    before = ten_mugs.receive("5")
    count = ten_mugs.count("15")
    after = ten_mugs.receive("2")
    ten_mugs.post(f"/goods-receipts/{after['id']}/reverse", {"reason": "mistyped"}, 200)
    assert (ten_mugs.stock[0], ten_mugs.difference(count)) == ("15", "0")
    ten_mugs.post(f"/goods-receipts/{before['id']}/reverse", {"reason": "mistyped"}, 200)
    assert (ten_mugs.stock[0], ten_mugs.difference(count)) == ("15", "5")


def test_a_movement_shows_its_instant(ten_mugs: Warehouse) -> None:
    at = rfc_3339(at_hour(yesterday(), 12))
    shown = [ten_mugs.count("10", at=at), ten_mugs.receive("1", at=at), ten_mugs.dispatch("1", at=at)]
    assert [each["at"] for each in shown] == [at] * 3
    assert {shown[0]["counted_on"], shown[1]["received_on"], shown[2][ISSUED]} == {yesterday().isoformat()}


@pytest.mark.parametrize("document", ["receive", "count", "dispatch"])
def test_an_instant_of_another_day_or_in_the_future_is_refused(ten_mugs: Warehouse, document: str) -> None:
    day = {"receive": "received_on", "count": "counted_on", "dispatch": ISSUED}[document]
    record = getattr(ten_mugs, document)
    other_day = record("1", 422, at=rfc_3339(at_hour(yesterday(), 12)), **{day: today().isoformat()})
    assert [each["pointer"] for each in other_day["errors"]] == ["/at"]
    to_come = rfc_3339(datetime.now(UTC) + timedelta(minutes=5))
    if document != "dispatch":
        refused = record("1", 422, at=to_come)
        assert [each["pointer"] for each in refused["errors"]] == ["/at"]


# -- the warehouse's day


def in_zone(warehouse: Warehouse, time_zone: str) -> None:
    [main] = warehouse.scm.get("/warehouses?code=MAIN").json["data"]
    path = f"/warehouses/{main['id']}"
    headers = {"If-Match": warehouse.scm.get(path).headers["ETag"]}
    reply = warehouse.scm.patch(path, json={"time_zone": time_zone}, headers=headers)
    assert reply.status_code == 200, reply.json


FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


@pytest.mark.case("H6", "B46")
@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
def test_movements_without_a_date_are_dated_in_the_time_zone_of_their_warehouse(
    warehouse: Warehouse, zone: str
) -> None:
    in_zone(warehouse, zone)
    receipt, count, shipment = warehouse.receive("10"), warehouse.count("9"), warehouse.dispatch("4")
    there = datetime.now(ZoneInfo(zone)).date().isoformat()
    assert [receipt["received_on"], count["counted_on"], shipment[ISSUED]] == [there] * 3
    recorded = ["scm.GoodsReceipt.Received", "scm.StockCount.Counted", "scm.Shipment.Dispatched"]
    events = warehouse.firm.scm.store.log(0, 100_000, recorded)
    assert [codec.decode_untyped(each.state)["meta"]["effective_on"] for each in events] == [there] * 3
    assert warehouse.stock == ("5", "25.00")


@pytest.mark.case("H6", "B46")
def test_a_warehouse_without_a_time_zone_has_the_day_of_the_firm(warehouse: Warehouse) -> None:
    headers = {"If-Match": warehouse.erp.get("/entities/main").headers["ETag"]}
    changed = warehouse.erp.patch("/entities/main", json={"time_zone": FAR_EAST}, headers=headers)
    assert changed.status_code == 200, changed.json
    warehouse.firm.deliver_all()
    there = datetime.now(ZoneInfo(FAR_EAST)).date().isoformat()
    assert warehouse.receive("10")["received_on"] == there
    in_zone(warehouse, FAR_WEST)
    assert warehouse.receive("10")["received_on"] == datetime.now(ZoneInfo(FAR_WEST)).date().isoformat()


@pytest.mark.case("H6", "B46")
def test_an_instant_belongs_to_the_day_of_the_warehouse(warehouse: Warehouse) -> None:
    in_zone(warehouse, FAR_EAST)
    at = rfc_3339(at_hour(yesterday(), 12))
    assert warehouse.receive("10", at=at)["received_on"] == today().isoformat()
    assert warehouse.receive("10", at=at, received_on=today().isoformat())["received_on"] == today().isoformat()
    warehouse.receive("10", 422, at=at, received_on=yesterday().isoformat())


@pytest.mark.case("H6", "B46")
def test_a_past_day_ends_with_the_day_of_the_warehouse(warehouse: Warehouse) -> None:
    in_zone(warehouse, "Asia/Tokyo")
    day = today() - timedelta(days=3)
    receipt = warehouse.receive("10", received_on=day.isoformat())
    assert datetime.fromisoformat(receipt["at"]) == datetime.combine(day, time.max, ZoneInfo("Asia/Tokyo"))


@pytest.mark.case("H6", "B46")
def test_a_count_may_not_be_later_than_today_in_the_warehouse(warehouse: Warehouse) -> None:
    in_zone(warehouse, FAR_WEST)
    there = datetime.now(ZoneInfo(FAR_WEST)).date()
    refused = warehouse.count("1", 422, counted_on=(there + timedelta(days=1)).isoformat())
    assert [each["pointer"] for each in refused["errors"]] == ["/counted_on"]
    assert warehouse.count("1", counted_on=there.isoformat())["counted_on"] == there.isoformat()


# -- whatever happens, in whatever order

WHEN = st.tuples(st.integers(0, 2), st.sampled_from([None, None, 0, 9, 15]))
STEP = st.one_of(
    st.tuples(st.just("receive"), st.integers(1, 9), WHEN),
    st.tuples(st.just("receive"), st.integers(1, 9), WHEN),
    st.tuples(st.just("dispatch"), st.integers(1, 5), WHEN),
    st.tuples(st.just("count"), st.integers(0, 12), WHEN),
    st.tuples(st.just("open"), st.integers(1, 9), WHEN),
    st.tuples(st.just("reverse"), st.integers(0, 9), WHEN),
)


@settings(max_examples=15)
@given(st.lists(STEP, min_size=5, max_size=25), st.integers(0, 99))
def test_stock_and_books_have_the_same_quantities_whatever_the_order(steps: list[Any], disorder: int) -> None:
    with open_firm(deliver_out_of_order(disorder)) as firm:
        trade = Trade(firm)
        for name, number, (day, hour) in steps:
            on = FIRST_DAY + timedelta(days=day)
            moment = {"on": on, "at": None} if hour is None else {"on": None, "at": at_hour(on, hour)}
            try:
                getattr(trade, name)(number, **moment)
            except DomainError:
                continue
            firm.deliver_all()
        firm.check_invariants()
        assert all(min(each) >= 0 for each in trade.stocks())


class Trade:
    """Movements of mugs, of which some are refused."""

    def __init__(self, firm: TradingFirm) -> None:
        self.firm = firm
        self.supplier = firm.create_master_data("MUG")
        self.customer = firm.create_customer("ALFKI")
        self.receipts: list[tuple[Any, UUID]] = []

    def stocks(self) -> Iterator[tuple[Decimal, ...]]:
        """Yield quantity in SCM, quantity in ERP and value of each day, after both quantities were found to agree."""
        scm, erp = create_client(self.firm.scm), create_client(self.firm.erp)
        for day in (FIRST_DAY + timedelta(days=each) for each in range(4)):
            of_scm = sum(Decimal(each["on_hand"]) for each in scm.get(f"/stock?as_of={day}").json["data"])
            rows = erp.get(f"/stock-value?as_of={day}").json["rows"]
            of_erp = sum(Decimal(each["quantity"]) for each in rows)
            assert of_scm == of_erp
            yield Decimal(of_scm), Decimal(of_erp), sum((Decimal(each["value"]["amount"]) for each in rows), Decimal(0))

    def receive(self, quantity: int, on: date | None, at: datetime | None) -> None:
        order = self.firm.send_purchase_order(
            self.supplier, ("MUG", str(quantity)), price=f"{quantity}.01", ordered_on=FIRST_DAY
        )
        receiving = self.firm.scm.receiving
        arrived = receiving.receive(order, goods(MUG=quantity), received_on=on, at=at)
        self.receipts.append((receiving, arrived.id))

    def open(self, quantity: int, on: date | None, at: datetime | None) -> None:
        assert on or at
        opening_stock = self.firm.scm.opening_stock
        line = OpeningStockLine("MUG", Decimal(quantity), usd("20.00"))
        opening = opening_stock.record("MAIN", on or at.date(), [line])  # type: ignore[union-attr]
        self.receipts.append((opening_stock, opening.id))

    def dispatch(self, quantity: int, on: date | None, at: datetime | None) -> None:
        order = self.firm.place_order(self.customer, ("MUG", str(quantity)), backorder="refuse", ordered_on=FIRST_DAY)
        self.firm.deliver_all()
        if self.firm.status(order) == "reserved":
            shipment = UUID(self.firm.shipment(order)["id"])
            self.firm.scm.fulfilment.dispatch_shipment(shipment, dispatched_on=on, at=at)

    def count(self, quantity: int, on: date | None, at: datetime | None) -> None:
        self.firm.scm.counting.count_stock("MAIN", on, counted(MUG=quantity), at)

    def reverse(self, which: int, on: date | None, at: datetime | None) -> None:
        del on, at
        if self.receipts:
            commands, document_id = self.receipts.pop(which % len(self.receipts))
            commands.reverse(document_id, "mistyped")
