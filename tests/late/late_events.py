"""Late events of a closed year, each recorded through the public API with a day of that year."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx2

from shared.money import Money, plain_number
from tests.running_suite import RunningSuite

Row = dict[str, Any]
RowOrNone = Row | None
USD, WAREHOUSE = "USD", "MAIN"
NEW_YEAR, LAST_DAY = date(1997, 1, 1), date(1997, 12, 31)
FIRST_OPEN = "1998-01-01"
REFUSAL_STATUSES = range(400, 500)


class ApiClient:
    """A caller with an access key that continues after a refusal."""

    def __init__(self, suite: RunningSuite, key: str | None = None) -> None:
        self.refusals: Counter[str] = Counter()
        self._client, self._suite = suite.client_with(key) if key else suite.client, suite

    def post(self, path: str, **body: Any) -> RowOrNone:
        """Return the record, none where it was refused, after all services have processed it."""
        answer: httpx2.Response = self._client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
        self._suite.wait_until_idle()
        if answer.status_code in REFUSAL_STATUSES:
            self.refusals[f"{path.split('/')[2]}: {answer.json()['code']} {answer.json()['detail']}"[:150]] += 1
            return None
        made: Row = answer.raise_for_status().json()
        return made

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(path, params=query).raise_for_status().json()

    def get_all(self, path: str, **query: str) -> Iterator[Row]:
        page = self.get(path, limit="200", **query)
        yield from page["data"]
        while page["has_more"]:
            page = self.get(path, limit="200", cursor=page["next_cursor"], **query)
            yield from page["data"]

    def create_key(self, name: str) -> str:
        """Return a key for another user."""
        issued = self.post("/access/keys", name=name, roles=["admin"])
        assert issued is not None
        return str(issued["secret"])


class LateEvents:
    """Every kind of late event, and the earlier records that they refer to."""

    def __init__(self, clerk: ApiClient, second: ApiClient, chance: random.Random) -> None:
        self._clerk, self._second, self._chance = clerk, second, chance
        self._offers = list(clerk.get_all("/srm/supplier-items"))
        self._customers = list(clerk.get_all("/crm/customers"))
        self._received: list[tuple[Row, Row]] = []
        self._owed: list[Row] = []
        self._receipts: list[Row] = []
        self._payments: list[Row] = []
        self.kinds: dict[str, Callable[[], RowOrNone]] = {
            "receipt": self.receipt,
            "dispatch": self.dispatch,
            "count": self.count,
            "bill at another price": self.bill,
            "payment": self.payment,
            "reversal": self.reversal,
        }

    def receipt(self) -> RowOrNone:
        """Buy and receive goods."""
        offer, day = self._chance.choice(self._offers), self._random_day()
        line = {"sku": offer["sku"], "quantity": self._random_quantity(30), "unit_price": offer["unit_price"]}
        terms = {"supplier_id": offer["supplier_id"], "currency": USD, "warehouse": WAREHOUSE, "ordered_on": day}
        order = self._clerk.post("/srm/purchase-orders", lines=[line], **terms)
        if order is None or not self._clerk.post(f"/srm/purchase-orders/{order['id']}/send", effective_on=day):
            return None
        goods = [{"sku": line["sku"], "quantity": line["quantity"]}]
        receipt = self._clerk.post("/scm/goods-receipts", purchase_order_id=order["id"], received_on=day, lines=goods)
        if receipt is not None:
            self._received.append((order, line))
            self._receipts.append(receipt)
        return receipt

    def dispatch(self) -> RowOrNone:
        """Order, reserve and dispatch goods."""
        offer, day = self._chance.choice(self._offers), self._random_day()
        line = {
            "sku": offer["sku"],
            "quantity": self._random_quantity(3),
            "unit_price": self._changed_price(offer["unit_price"], "1.4"),
        }
        customer = self._chance.choice(self._customers)["id"]
        order = self._clerk.post(
            "/crm/sales-orders", customer_id=customer, currency=USD, ordered_on=day, backorder="refuse", lines=[line]
        )
        if order is None or not self._clerk.post(f"/crm/sales-orders/{order['id']}/place", effective_on=day):
            return None
        shipments = self._clerk.get("/scm/shipments", sales_order_id=order["id"])["data"]
        held = next(iter(shipments), None)
        return held and self._clerk.post(f"/scm/shipments/{held['id']}/dispatch", dispatched_on=day)

    def count(self) -> RowOrNone:
        """Record a stock count."""
        counted = {"sku": self._chance.choice(self._offers)["sku"], "quantity": self._random_quantity(2000)}
        return self._clerk.post(
            "/scm/stock-counts", warehouse=WAREHOUSE, counted_on=self._random_day(), lines=[counted]
        )

    def bill(self) -> RowOrNone:
        """Record a bill for late goods, above or below the ordered price; blocked, and released by another user."""
        if not self._received:
            return self.receipt()
        order, line = self._received.pop(self._chance.randrange(len(self._received)))
        billed = line | {
            "unit_price": self._changed_price(line["unit_price"], self._chance.choice(("0.8", "0.99", "1.2")))
        }
        about = {"supplier_id": order["supplier_id"], "purchase_order_id": order["id"], "number": uuid4().hex[:12]}
        about["duplicate_reason"] = "another delivery"
        bill = self._clerk.post("/erp/bills", billed_on=self._random_day(), lines=[billed], **about)
        if bill is None:
            return None
        if self._clerk.get(f"/erp/bills/{bill['id']}")["status"] == "blocked":
            self._second.post(f"/erp/bills/{bill['id']}/release", reason="agreed by telephone")
        self._owed.append(bill)
        return bill

    def payment(self) -> RowOrNone:
        """Record a partial payment of an invoice or a full payment of a bill, posted on the first open day."""
        if self._owed and self._chance.random() < 0.5:
            bill = self._owed.pop()
            return self._record_payment("out", bill["supplier_id"], bill["id"], bill["total"])
        opened = self._clerk.get("/erp/invoices", status="open", limit="200")["data"]
        if not opened:
            return None
        invoice = self._chance.choice(opened)
        return self._record_payment(
            "in", invoice["customer_id"], invoice["id"], self._changed_price(invoice["open"], "0.5")
        )

    def reversal(self) -> RowOrNone:
        """Reverse a mistyped receipt or a mistyped payment."""
        if self._receipts and self._chance.random() < 0.5:
            receipt = self._receipts.pop()
            return self._clerk.post(
                f"/scm/goods-receipts/{receipt['id']}/reverse", reason="mistyped", effective_on=self._random_day()
            )
        if not self._payments:
            return self.payment()
        payment = self._payments.pop()
        return self._clerk.post(f"/erp/payments/{payment['id']}/reverse", reason="mistyped", effective_on=FIRST_OPEN)

    def _record_payment(self, direction: str, party: str, document: str, amount: Row) -> RowOrNone:
        allocated = [{"document_id": document, "amount": amount}]
        paid = self._clerk.post(
            "/erp/payments", direction=direction, party_id=party, paid_on=self._random_day(), posted_on=FIRST_OPEN,
            amount=amount, allocations=allocated,
        )  # fmt: skip
        if paid is not None:
            self._payments.append(paid)
        return paid

    def _random_day(self) -> str:
        return str(NEW_YEAR + timedelta(self._chance.randrange((LAST_DAY - NEW_YEAR).days + 1)))

    def _random_quantity(self, most: int) -> str:
        return str(self._chance.randint(1, most))

    @staticmethod
    def _changed_price(price: Row, times: str) -> Row:
        amount = Money.rounded(Decimal(price["amount"]) * Decimal(times), price["currency"]).amount
        return price | {"amount": plain_number(amount)}
