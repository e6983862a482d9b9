"""What people do about sales orders."""

from datetime import timedelta
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.buying import Parts
from tests.histories.oracle.selling import Line, Order
from tests.histories.story import DISCOUNTS, SKUS, WAREHOUSES, Row, Story, usd


class SellingSteps(Story):
    """Orders, their amendments, cancellations and dispatches, and the credit of customers."""

    def order(self) -> None:
        customer, warehouse = self.pick(self.customers()), self.pick(WAREHOUSES)
        ordered_on = self.today + timedelta(days=1) if self.chance(0.04) else self.day()
        required_on = ordered_on + timedelta(days=self.random.randint(0, 20)) if self.chance(0.3) else None
        lines = [
            Line(number, sku, self.quantity(8), self.price(), Decimal(self.pick(DISCOUNTS)))
            for number, sku in enumerate(self.some(), 1)
        ]
        freight = self.price(900) if self.chance(0.3) else ZERO
        may_wait = self.chance(0.8)
        body = {
            "customer_id": customer.id, "currency": "USD", "ordered_on": str(ordered_on), "warehouse": warehouse,
            "lines": [self._order_line(each) for each in lines], "freight": usd(freight),
            "backorder": "allow" if may_wait else "refuse",
            **({"required_on": str(required_on)} if required_on else {}),
        }  # fmt: skip
        draft = self.desk.done("/crm/sales-orders", body)
        self.numbers[draft["id"]] = draft["number"]
        order = Order(
            draft["id"], customer.id, warehouse, ordered_on, required_on, may_wait, freight, customer.terms_days, lines
        )
        goods = ", ".join(f"{each.quantity} {each.sku} @ {each.price} -{each.discount}%" for each in lines)
        what = f"{customer.name} orders {draft['number']} on {ordered_on} from {warehouse}: {goods}, freight {freight}"
        path = f"/crm/sales-orders/{draft['id']}/place"
        waits = f"{'' if may_wait else ', must not wait'}{f', required {required_on}' if required_on else ''}"
        self.act(what + waits, path, {}, lambda _: self.firm.place(order))

    @staticmethod
    def _order_line(line: Line) -> Row:
        return {
            "sku": line.sku, "quantity": str(line.quantity), "unit_price": usd(line.price),
            "discount_percent": str(line.discount),
        }  # fmt: skip

    def changeable(self) -> Order | None:
        """Return an order of today or before, mostly one that has not ended."""
        orders = [each for each in self.firm.orders.values() if each.ordered_on <= self.today]
        return self.pick(
            [each for each in orders if each.status(self.firm.reserved(each)) not in ("cancelled", "paid")]
        )

    def cancel(self) -> None:
        if order := self.changeable():
            path = f"/crm/sales-orders/{order.id}/cancel"
            self.act(f"cancel {self.numbers[order.id]}", path, {"reason": "no more"}, lambda _: self.firm.cancel(order))

    def amend(self) -> None:
        """Request other quantities of an order whose customer has no limit."""
        order = self.changeable()
        if order is None or self.firm.parties[order.customer].limit is not None:
            return
        lines = [self._amended_line(each) for each in order.lines if self.chance(0.85)]
        others = [sku for sku in SKUS if sku not in {each.sku for each in [*order.lines, *order.removed]}]
        if others and self.chance(0.4):
            number = max(each.number for each in [*order.lines, *order.removed]) + 1
            lines.append(Line(number, others[0], self.quantity(8), self.price()))
        if lines:
            what = f"amend {self.numbers[order.id]} to " + ", ".join(f"{each.quantity} {each.sku}" for each in lines)
            body = {"lines": [self._order_line(each) for each in lines]}
            path = f"/crm/sales-orders/{order.id}/amend"
            self.act(what, path, body, lambda _: self.firm.amend(order, lines))

    def _amended_line(self, line: Line) -> Line:
        quantity = line.quantity if self.chance(0.3) else self.quantity(10)
        return Line(line.number, line.sku, quantity, line.price, line.discount)

    def dispatch(self) -> None:
        order = self.pick([each for each in self.firm.orders.values() if self.firm.reserved(each)])
        if order is None:
            return
        parts: Parts = list(self.firm.reserved(order).items())
        earliest = order.ordered_on if self.chance(0.8) else order.ordered_on - timedelta(days=3)
        place, when = self.place(self.today if self.chance(0.4) else earliest)
        body = self._when(when, "dispatched_on")
        if self.chance(0.5):
            parts = [(number, self.part(quantity)) for number, quantity in parts if self.chance(0.8)] or parts
            if self.chance(0.1):
                parts = [(number, quantity + 1) for number, quantity in parts]
            by_number = {each.number: each.sku for each in order.lines}
            body["lines"] = [{"line": n, "sku": by_number[n], "quantity": str(q)} for n, q in parts]
        shipment = self.desk.shipment({"id": order.id})
        goods = ", ".join(f"{quantity} of line {number}" for number, quantity in parts)
        what = f"dispatch {self.numbers[order.id]} {place.day} {place.instant}: {goods}"

        def expect(done: Row) -> None:
            invoices = self.desk.rows(f"/erp/invoices?sales_order_id={order.id}") if done["id"] != "none" else []
            ids = [each["id"] for each in invoices if each["shipment_id"] == shipment["id"]]
            self.firm.dispatch(order, ids[0] if ids else "none", parts, place)

        self.act(what, f"/scm/shipments/{shipment['id']}/dispatch", body, expect)

    @staticmethod
    def _when(when: Row, day_field: str) -> Row:
        return {day_field: when["day"]} if "day" in when else dict(when)

    def release_order(self) -> None:
        if order := self.pick(self.firm.held):
            path = f"/erp/credit/{order.customer}/release/{order.id}"
            what = f"release {self.numbers[order.id]} from its credit hold"
            self.act(what, path, {"reason": "good"}, lambda _: self.firm.release_order(order))

    def change_limit(self) -> None:
        customer = self.pick([each for each in self.customers() if each.limit is not None])
        held = self.pick(each for each in self.firm.held if each.customer == customer.id)
        exact = self.firm.exposure(customer.id) + (held.ordered_total if held else ZERO)
        limit = exact if self.chance(0.6) and exact >= 0 else Decimal(self.random.randint(0, 300))
        shown = self.desk.get(f"/crm/customers/{customer.id}")
        changed = self.desk.send(
            "PATCH",
            f"/crm/customers/{customer.id}",
            {"credit_limit": usd(limit)},
            **{"If-Match": f'"{shown["version"]}"'},
        )
        assert changed.status_code == 200, changed.text
        self.story.append(f"{customer.name} gets the limit {limit}")
        self.firm.change_limit(customer.id, limit)
