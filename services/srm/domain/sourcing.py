"""From whom an item is bought."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.srm.domain import purchase_order
from services.srm.domain.purchase_line import PurchaseLine, accountable
from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.supplier import Purpose, Supplier
from services.srm.domain.supplier_item import SupplyTerms
from shared.domain import Aggregate, Find, event, value


@value
class Offer:
    """What one supplier asks for the item."""

    supplier_id: UUID
    supplier_code: str
    terms: SupplyTerms


class Sourcing(Aggregate):
    """The market of one item: who offers it on what terms, and which requests nobody could fill yet."""

    @classmethod
    def create_id(cls, sku: str) -> UUID:
        return cls.derive_id(sku)

    @event("Opened")
    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.offers: list[Offer] = []
        self.waiting: list[UUID] = []

    def offer(self, offer: Offer) -> None:
        self._offered(offer=offer)

    def wait(self, request_id: UUID) -> None:
        """The request stays here until someone offers the item."""
        if request_id not in self.waiting:
            self._request_queued(request_id=request_id)

    def filled(self, request_id: UUID) -> None:
        """An order was drafted for the request."""
        if request_id in self.waiting:
            self._request_sourced(request_id=request_id)

    def best_first(self, day: date) -> list[Offer]:
        """What each supplier asks on that day: lowest price, then shortest lead time, then code.

        There is no rate to compare currencies by: offers in that of the item's first offer come before others.
        """
        current = {offer.supplier_id: offer for offer in self.offers if offer.terms.hold_on(day)}
        return sorted(current.values(), key=self._rank)

    def _rank(self, offer: Offer) -> tuple[bool, str, Decimal, int, str]:
        price, usual = offer.terms.unit_price, self.offers[0].terms.unit_price.currency
        return (price.currency != usual, price.currency, price.amount, offer.terms.lead_time_days, offer.supplier_code)

    @event("Offered")
    def _offered(self, offer: Offer) -> None:
        self.offers.append(offer)

    @event("RequestQueued")
    def _request_queued(self, request_id: UUID) -> None:
        self.waiting.append(request_id)

    @event("RequestSourced")
    def _request_sourced(self, request_id: UUID) -> None:
        self.waiting.remove(request_id)


def source(request: PurchaseRequest, find: Find) -> Iterator[Aggregate]:
    """Draft an order at the best supplier that may fill it, or let the request wait for one."""
    request.require_unsourced()
    sourcing = find(Sourcing, sku=request.sku)
    offer = next((each for each in sourcing.best_first(find.today) if _may_fill(each, request, find)), None)
    if offer is None:
        sourcing.wait(request.id)
    else:
        order = _drafted(request, offer, find)
        request.draft(order.id)
        sourcing.filled(request.id)
        yield order
    yield request
    yield sourcing


def request_behind(order: PurchaseOrder, find: Find) -> PurchaseRequest | None:
    """The request the order was drafted for, if it was for one."""
    return find(PurchaseRequest, order.request_id) if order.request_id else None


def _may_fill(offer: Offer, request: PurchaseRequest, find: Find) -> bool:
    """Not where the supplier is blocked for orders, or the order would be larger than can be accounted for."""
    blocked = Purpose.ORDERS in find(Supplier, offer.supplier_id).blocks
    return not blocked and accountable([_line(request, offer)], offer.terms.unit_price.currency)


def _drafted(request: PurchaseRequest, offer: Offer, find: Find) -> PurchaseOrder:
    order = PurchaseOrder.draft(
        number=purchase_order.next_number(find),
        supplier_id=offer.supplier_id,
        currency=offer.terms.unit_price.currency,
        warehouse=request.warehouse,
        lines=(_line(request, offer),),
        expected_on=find.today + timedelta(days=offer.terms.lead_time_days),
        request_id=request.id,
    )
    find.claim(purchase_order.NUMBER, order.number, order.id)
    return order


def _line(request: PurchaseRequest, offer: Offer) -> PurchaseLine:
    return PurchaseLine(1, request.sku, offer.terms.quantity_for(request.quantity), offer.terms.unit_price)
