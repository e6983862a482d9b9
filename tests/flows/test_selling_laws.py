"""Random orders, amendments, cancellations, shipments and releases in any order: all services agree in the end."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scm.fulfilment.domain.fulfilment import Status
from services.scm.shipping.projections import Shipments
from shared.domain import DomainError
from shared.money import Money
from tests.flows.selling_firm import SellingFirm, usd

PRICES = st.sampled_from(["10.00", "0.05"])
LINES = st.dictionaries(st.sampled_from(["CHAI", "TOFU", "CHAI_2"]), st.tuples(st.integers(1, 9), PRICES), min_size=1)
FREIGHT = st.sampled_from(["0", "0", "7.00"])
BACKORDER = st.sampled_from(["allow", "allow", "refuse"])
WHICH = st.integers(0, 3)

DELIVERED = st.tuples(st.just("deliver_one"), st.integers(0, 9))
STEPS = st.one_of(
    st.tuples(st.just("order"), FREIGHT, BACKORDER, LINES),
    st.tuples(st.just("amend"), WHICH, st.none() | FREIGHT, LINES),
    st.tuples(st.just("amend"), WHICH, st.none() | FREIGHT, LINES),
    st.tuples(st.just("stop"), WHICH),
    st.tuples(st.just("dispatch"), WHICH, st.booleans()),
    st.tuples(st.just("receive"), st.integers(1, 9)),
    st.tuples(st.just("release"), WHICH),
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, min_size=10, max_size=50))
def test_the_services_agree_after_all_events(steps: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        day = Day(SellingFirm(Path(folder), limit="150.00", CHAI=12, TOFU=4))
        for step, *particulars in steps:
            getattr(day, step)(*particulars)
        day.end()


def _is_waiting(shown: dict[str, Any]) -> bool:
    """Whether an amendment of the order waits for a decision."""
    return shown["amendment"] is not None and shown["amendment"]["refused_because"] is None


class Day:
    """People do what they may, without looking; what is refused is refused."""

    def __init__(self, firm: SellingFirm) -> None:
        self.firm = firm
        self.orders: list[UUID] = []

    def order(self, freight: str, backorder: str, lines: Any) -> None:
        if len(self.orders) < 3:
            self.orders.append(self.firm.order(freight, backorder, **lines))

    def amend(self, which: int, freight: str | None, lines: Any) -> None:
        self._if_allowed(which, lambda order: self.firm.amend(order, freight, **lines))

    def stop(self, which: int) -> None:
        self._if_allowed(which, lambda order: self.firm.crm.sales_orders.cancel(order, "changed their mind"))

    def release(self, which: int) -> None:
        self._if_allowed(
            which, lambda order: self.firm.erp.receivables.release_order(self.firm.customer, order, "they pay")
        )

    def receive(self, quantity: int) -> None:
        self.firm.receive(CHAI=quantity, TOFU=1)

    def deliver_one(self, whose: int) -> None:
        self.firm.services.deliver_one(whose)

    def dispatch(self, which: int, partly: bool) -> None:
        open_ones = list(
            self.firm.rows(self.firm.scm, Shipments).iterate_rows(where={"status": ("open",)}, sort=("id",))
        )
        if open_ones:
            chosen = open_ones[which % len(open_ones)]
            part = {chosen["lines"][0]["sku"]: 1} if partly and chosen["lines"] else {}
            self._if_allowed(0, lambda _: self.firm.dispatch(UUID(chosen["sales_order_id"]), **part))

    def _if_allowed(self, which: int, act: Any) -> None:
        if self.orders:
            try:
                act(self.orders[which % len(self.orders)])
            except DomainError:
                return

    def end(self) -> None:
        self.firm.services.deliver_all()
        assert self.firm.parked() == 0
        for order in self.orders:
            self._agreed_on(order)
        self._credit_counts_what_is_owed_or_promised()
        self._what_is_held_is_packed_and_no_more()
        self.firm.close()

    def _agreed_on(self, order: UUID) -> None:
        shown, fulfilment, billing = self.firm.shown(order), self.firm.fulfilment(order), self.firm.billing(order)
        held_for_credit = order in self.firm.erp.receivables.get_credit_account(self.firm.customer).held
        assert shown["status"] not in ("cancelling", "amending")
        assert _is_waiting(shown) <= held_for_credit
        assert shown["revision"] == fulfilment.revision == billing.revision
        assert {(x["line"], x["sku"], x["ordered"]) for x in shown["lines"]} == {
            (x.line, x.sku, str(x.quantity)) for x in fulfilment.order.lines
        }
        stands = self._invoiced(order) if self.firm.billing(order).is_closed else self._total(order)
        assert Money(**shown["total"]) == stands
        shipped = {x.line: x.quantity for x in fulfilment.shipped}
        for line in shown["lines"]:
            ended = fulfilment.status in (Status.CANCELLED, Status.REJECTED)
            assert Decimal(line["shipped"]) == Decimal(line["invoiced"]) == shipped.get(line["line"], 0)
            assert Decimal(line["shipped"]) + Decimal(line["reserved"]) <= Decimal(line["ordered"])
            assert not (ended and Decimal(line["reserved"]))
        if fulfilment.status == Status.SHIPPED:
            assert self._invoiced(order) == self._total(order)

    def _total(self, order: UUID) -> Money:
        promise = self.firm.billing(order).order_terms
        return Money.sum((line.net for line in promise.lines), "USD") + promise.freight

    def _invoiced(self, order: UUID) -> Money:
        return Money.sum((Money(**each["total"]) for each in self.firm.invoices(order)), "USD")

    def _credit_counts_what_is_owed_or_promised(self) -> None:
        """Without payments, what was invoiced is owed, and what goes on will be; what waits for credit is not.

        While an amendment waits, an earlier one that got credit may count too.
        """
        credit, counted = self.firm.erp.receivables.get_credit_account(self.firm.customer), usd(0)
        for order in self.orders:
            billing, fulfilment = self.firm.billing(order), self.firm.fulfilment(order)
            if billing.is_closed:
                counted += self._invoiced(order)
            elif order not in credit.held or billing.revision in fulfilment.approved_revisions:
                counted += self._total(order)
        if any(_is_waiting(self.firm.shown(order)) for order in self.orders):
            assert credit.exposure_in("USD") >= counted
        else:
            assert credit.exposure_in("USD") == counted

    def _what_is_held_is_packed_and_no_more(self) -> None:
        packed: dict[str, Decimal] = {}
        for shipment in self.firm.rows(self.firm.scm, Shipments).iterate_rows(where={"status": ("open",)}):
            for each in shipment["lines"]:
                packed[each["sku"]] = packed.get(each["sku"], Decimal(0)) + Decimal(each["quantity"])
        for sku in ("CHAI", "TOFU"):
            stock = self.firm.stock(sku)
            assert Decimal(stock["reserved"]) == packed.get(sku, 0)
            assert Decimal(stock["available"]) >= 0
            assert not (Decimal(stock["available"]) and Decimal(stock["backordered"]))
