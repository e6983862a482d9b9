"""What people do about purchase orders, supplier invoices and stock."""

from datetime import timedelta
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.buying import BillLine, Purchase, PurchaseLine
from tests.histories.story import SKUS, WAREHOUSES, Row, Story, usd


class BuyingSteps(Story):
    """Purchase orders, receipts, supplier invoices, counts and opening stock."""

    def buy(self) -> None:
        supplier, warehouse, ordered_on = self.pick(self.suppliers()), self.pick(WAREHOUSES), self.day()
        skus = self.some() + ([self.pick(SKUS)] if self.chance(0.3) else [])
        lines = [PurchaseLine(number, sku, self.quantity(20), self.price(2_000)) for number, sku in enumerate(skus, 1)]
        body = {
            "supplier_id": supplier.id, "currency": "USD", "warehouse": warehouse, "ordered_on": str(ordered_on),
            "lines": [self._purchase_line(each) for each in lines],
        }  # fmt: skip
        draft = self.desk.done("/srm/purchase-orders", body)
        self.numbers[draft["id"]] = draft["number"]
        purchase = Purchase(draft["id"], supplier.id, warehouse, ordered_on, lines)
        goods = ", ".join(f"{each.quantity} {each.sku} @ {each.price}" for each in lines)
        what = f"buy {draft['number']} of {supplier.name} on {ordered_on} for {warehouse}: {goods}"
        self.act(what, f"/srm/purchase-orders/{draft['id']}/send", {}, lambda _: self.firm.send_purchase(purchase))

    @staticmethod
    def _purchase_line(line: PurchaseLine) -> Row:
        return {"sku": line.sku, "quantity": str(line.quantity), "unit_price": usd(line.price)}

    def purchase(self, *, all_of: bool = False) -> Purchase | None:
        purchases = self.firm.purchases.values()
        return self.pick(each for each in purchases if all_of or each.status in ("sent", "partly_received"))

    def receive(self) -> None:
        purchase = self.purchase()
        if purchase is None:
            return
        place, when = self.place(purchase.ordered_on if self.chance(0.95) else purchase.ordered_on - timedelta(days=2))
        open_lines = [each for each in purchase.lines if purchase.open(each)]
        if self.chance(0.6):
            chosen = self.random.sample(open_lines, self.random.randint(1, len(open_lines)))
            parts = [(each.number, self.part(purchase.open(each))) for each in chosen]
            if self.chance(0.06):
                parts[0] = parts[0][0], purchase.open(purchase.line(parts[0][0])) + 1
            rows = [{"line": n, "sku": purchase.line(n).sku, "quantity": str(q)} for n, q in parts]
        else:
            sku = self.pick(open_lines).sku
            quantity = self.part(sum((purchase.open(each) for each in open_lines if each.sku == sku), ZERO))
            parts = purchase.parts_of(sku, quantity)
            rows = [{"sku": sku, "quantity": str(quantity)}]
        body = {"purchase_order_id": purchase.id, "lines": rows, **self._when(when, "received_on")}
        goods = ", ".join(f"{quantity} of line {number}" for number, quantity in parts)
        what = f"receive {self.numbers[purchase.id]} {place.day} {place.instant}: {goods}"
        self.act(what, "/scm/goods-receipts", body, lambda done: self.firm.receive(purchase, done["id"], parts, place))

    def reverse_receipt(self) -> None:
        if receipt := self.pick(self.firm.receipts):
            number = self.numbers[self.firm.receipts[receipt][0].id]
            what = f"reverse receipt {self.name(receipt)} of {number}"
            path = f"/scm/goods-receipts/{receipt}/reverse"
            self.act(what, path, {"reason": "mistyped"}, lambda _: self.firm.reverse_receipt(receipt))

    def name(self, id_: str) -> str:
        """Return a short name of a document for the story."""
        return id_[:8]

    def reprice(self) -> None:
        purchase = self.purchase(all_of=True)
        if purchase is None:
            return
        prices = {each.number: self.price(2_000) if self.chance(0.7) else each.price for each in purchase.lines}
        lines = [{**self._purchase_line(each), "line": each.number, "unit_price": usd(prices[each.number])}
                 for each in purchase.lines]  # fmt: skip
        what = f"revise {self.numbers[purchase.id]} to prices {[*map(str, prices.values())]}"
        path = f"/srm/purchase-orders/{purchase.id}/revise"
        self.act(what, path, {"lines": lines}, lambda _: self.firm.reprice(purchase, prices))

    def end_purchase(self) -> None:
        purchase = self.purchase(all_of=self.chance(0.3))
        if purchase is not None:
            command, how = self.pick((("close", "closed"), ("cancel", "cancelled")))
            path = f"/srm/purchase-orders/{purchase.id}/{command}"
            what = f"{command} {self.numbers[purchase.id]}"
            self.act(what, path, {"reason": "enough"}, lambda _: self.firm.end_purchase(purchase, how))

    def bill(self) -> None:
        """Record a supplier invoice, sometimes above the agreed price or the received quantity."""
        purchase = self.pick(self.firm.purchases.values())
        if purchase is None:
            return
        names_lines = self.chance(0.6)
        chosen = self.random.sample(purchase.lines, self.random.randint(1, len(purchase.lines)))
        lines = [self._bill_line(each, names_line=names_lines) for each in chosen]
        day = self.day(purchase.ordered_on)
        body = {
            "supplier_id": purchase.supplier, "number": f"R-{next(self._names)}", "purchase_order_id": purchase.id,
            "billed_on": str(day), "duplicate_reason": "another delivery",
            "lines": [
                {"sku": each.sku, "quantity": str(each.quantity), "unit_price": usd(each.price)}
                | ({"line": each.line} if each.line else {}) for each in lines
            ],
        }  # fmt: skip
        goods = ", ".join(f"{each.quantity} {each.sku} @ {each.price} line {each.line}" for each in lines)
        what = f"supplier invoice {body['number']} of {day} for {self.numbers[purchase.id]}: {goods}"
        self.act(what, "/erp/bills", body, lambda done: self.firm.record_bill(done["id"], purchase, lines, day))

    def _bill_line(self, line: PurchaseLine, *, names_line: bool) -> BillLine:
        price = line.price if self.chance(0.8) else self.price(2_000)
        whole = line.received if line.received and self.chance(0.9) else line.quantity
        return BillLine(line.sku, self.part(whole), price, line.number if names_line else None)

    def release_bill(self) -> None:
        bill_id = self.pick(self.firm.bills)
        if bill_id:
            what, path = f"bert releases supplier invoice {self.name(bill_id)}", f"/erp/bills/{bill_id}/release"
            self.act(what, path, {"reason": "agreed"}, lambda _: self.firm.release_bill(bill_id), by_other=True)

    def reject_bill(self) -> None:
        bill_id = self.pick(self.firm.bills)
        if bill_id:
            what, path = f"reject supplier invoice {self.name(bill_id)}", f"/erp/bills/{bill_id}/reject"
            self.act(what, path, {"reason": "not ours"}, lambda _: self.firm.reject_bill(bill_id))

    # -- stock

    def count(self) -> None:
        warehouse, (place, when) = self.pick(WAREHOUSES), self.place()
        lines = [(sku, Decimal(self.random.randint(0, 40)) / 2) for sku in self.some()]
        rows = [{"sku": sku, "quantity": str(quantity)} for sku, quantity in lines]
        body = {"warehouse": warehouse, "lines": rows, **self._when(when, "counted_on")}
        what = f"count {warehouse} {place.day} {place.instant}: " + ", ".join(f"{q} {sku}" for sku, q in lines)
        self.act(
            what, "/scm/stock-counts", body, lambda done: self.firm.count_stock(done["id"], warehouse, lines, place)
        )

    def open_stock(self) -> None:
        warehouse, day = self.pick(WAREHOUSES), self.day()
        lines = [(sku, self.quantity(), self.price(9_000) if self.chance(0.8) else ZERO) for sku in self.some()]
        rows = [{"sku": sku, "quantity": str(quantity), "value": usd(value)} for sku, quantity, value in lines]
        body = {"warehouse": warehouse, "opened_on": str(day), "lines": rows}
        what = f"opening stock of {warehouse} on {day}: " + ", ".join(f"{q} {sku} worth {v}" for sku, q, v in lines)
        self.act(what, "/scm/opening-stock", body, lambda done: self.firm.open_stock(done["id"], warehouse, lines, day))

    def reverse_opening(self) -> None:
        if opening := self.pick(self.firm.openings):
            what, path = f"reverse opening stock {self.name(opening)}", f"/scm/opening-stock/{opening}/reverse"
            self.act(what, path, {"reason": "mistyped"}, lambda _: self.firm.reverse_opening(opening))
