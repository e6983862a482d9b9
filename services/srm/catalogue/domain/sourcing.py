"""Sourcing: the choice of a supplier for a purchase request."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.srm.catalogue.domain.supplier_item import SupplyTerms
from services.srm.purchase_orders.domain import purchase_order
from services.srm.purchase_orders.domain.purchase_line import PurchaseLine, is_order_total_within_maximum
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier
from shared.domain import Aggregate, UnitOfWork, event, value_object


@value_object
class Offer:
    """The terms of one supplier for the item."""

    supplier_id: UUID
    supplier_code: str
    terms: SupplyTerms


class Sourcing(Aggregate):
    """Sourcing of one item: which suppliers offer it on which terms, and the purchase requests not filled yet."""

    @classmethod
    def create_id(cls, sku: str) -> UUID:
        return cls.derive_id(sku)

    @event("Opened")
    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.offers: list[Offer] = []
        self.queued_request_ids: list[UUID] = []

    def offer(self, offer: Offer) -> None:
        self._offered(offer=offer)

    def queue_request(self, request_id: UUID) -> None:
        """Keep the request until a supplier offers the item."""
        if request_id not in self.queued_request_ids:
            self._request_queued(request_id=request_id)

    def mark_request_sourced(self, request_id: UUID) -> None:
        """Remove the request from the queue: an order was drafted for it."""
        if request_id in self.queued_request_ids:
            self._request_sourced(request_id=request_id)

    def rank_offers(self, day: date) -> list[Offer]:
        """Return each supplier's offer on that day: lowest price first, then shortest lead time, then code.

        Offers in the currency of the item's first offer come first, since no exchange rate compares currencies.
        """
        current = {offer.supplier_id: offer for offer in self.offers if offer.terms.is_valid_on(day)}
        return sorted(current.values(), key=self._rank_key)

    def _rank_key(self, offer: Offer) -> tuple[bool, str, Decimal, int, str]:
        price, usual = offer.terms.unit_price, self.offers[0].terms.unit_price.currency
        return (price.currency != usual, price.currency, price.amount, offer.terms.lead_time_days, offer.supplier_code)

    @event("Offered")
    def _offered(self, offer: Offer) -> None:
        self.offers.append(offer)

    @event("RequestQueued")
    def _request_queued(self, request_id: UUID) -> None:
        self.queued_request_ids.append(request_id)

    @event("RequestSourced")
    def _request_sourced(self, request_id: UUID) -> None:
        self.queued_request_ids.remove(request_id)


def source_request(request: PurchaseRequest, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Draft an order at the best supplier that can fill the request, or queue the request."""
    request.require_unsourced()
    sourcing = uow.get_or_create(Sourcing, sku=request.sku)
    offer = next((each for each in sourcing.rank_offers(uow.effective_on) if _can_fill(each, request, uow)), None)
    if offer is None:
        sourcing.queue_request(request.id)
    else:
        order = _draft_order(request, offer, uow)
        request.assign_order(order.id)
        sourcing.mark_request_sourced(request.id)
        yield order
    yield request
    yield sourcing


def _can_fill(offer: Offer, request: PurchaseRequest, uow: UnitOfWork) -> bool:
    """Whether the supplier is not blocked for orders and the order is not too large."""
    blocked = BlockPurpose.ORDERS in uow.get(Supplier, offer.supplier_id).blocks
    return not blocked and is_order_total_within_maximum([_line(request, offer)], offer.terms.unit_price.currency)


def _draft_order(request: PurchaseRequest, offer: Offer, uow: UnitOfWork) -> PurchaseOrder:
    order = PurchaseOrder.draft(
        number=purchase_order.next_order_number(uow),
        supplier_id=offer.supplier_id,
        currency=offer.terms.unit_price.currency,
        warehouse=request.warehouse,
        lines=(_line(request, offer),),
        expected_on=uow.effective_on + timedelta(days=offer.terms.lead_time_days),
        request_id=request.id,
    )
    uow.reserve_unique(purchase_order.PURCHASE_ORDER_NUMBER, order.number, order.id)
    return order


def _line(request: PurchaseRequest, offer: Offer) -> PurchaseLine:
    return PurchaseLine(1, request.sku, offer.terms.order_quantity(request.quantity), offer.terms.unit_price)
