"""Sourcing: the choice of a supplier for a purchase request."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.srm.catalogue.domain.supplier_item import SupplierItem, SupplierItemEntry
from services.srm.purchase_orders.domain import purchase_order
from services.srm.purchase_orders.domain.purchase_line import PurchaseLine
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from services.srm.suppliers.domain.supplier import Supplier
from shared.domain import Aggregate, UnitOfWork, event, is_within_maximum, value_object


@value_object
class Offer:
    """The terms of one supplier item, and the code of its supplier."""

    item_id: UUID
    supplier_code: str
    terms: SupplierItemEntry


class Sourcing(Aggregate):
    """Sourcing of one item: which suppliers offer it on which terms, and the purchase requests not filled yet."""

    @classmethod
    def create_id(cls, sku: str) -> UUID:
        return cls.derive_id(sku)

    @event("Opened")
    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.offers: dict[UUID, Offer] = {}
        self.withdrawn_item_ids: set[UUID] = set()
        self.queued_request_ids: list[UUID] = []

    def update(self, item: SupplierItem, supplier_code: str) -> bool:
        """Offer the item on its present terms, or withdraw it if it is deactivated. Return whether the offer is new."""
        offer, is_withdrawn = Offer(item.id, supplier_code, item.entry), item.id in self.withdrawn_item_ids
        is_new = item.is_active and (is_withdrawn or self.offers.get(item.id) != offer)
        if is_new:
            self._offered(offer=offer)
        elif not (item.is_active or is_withdrawn):
            self._withdrawn(item_id=item.id)
        return is_new

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

        Offers in the currency of the item's first active one come first: no exchange rate compares currencies.
        """
        offered = [each for each in self.offers.values() if each.item_id not in self.withdrawn_item_ids]
        current = {each.terms.supplier_id: each for each in offered if each.terms.is_valid_on(day)}
        usual = offered[0].terms.unit_price.currency if offered else None
        return sorted(current.values(), key=lambda each: _rank_key(each, usual))

    @event("Offered")
    def _offered(self, offer: Offer) -> None:
        self.offers[offer.item_id] = offer
        self.withdrawn_item_ids.discard(offer.item_id)

    @event("Withdrawn")
    def _withdrawn(self, item_id: UUID) -> None:
        self.withdrawn_item_ids.add(item_id)

    @event("RequestQueued")
    def _request_queued(self, request_id: UUID) -> None:
        self.queued_request_ids.append(request_id)

    @event("RequestSourced")
    def _request_sourced(self, request_id: UUID) -> None:
        self.queued_request_ids.remove(request_id)


def _rank_key(offer: Offer, usual_currency: str | None) -> tuple[bool, str, Decimal, int, str]:
    price, days = offer.terms.unit_price, offer.terms.lead_time_days
    return price.currency != usual_currency, price.currency, price.amount, days, offer.supplier_code


def source_request(request: PurchaseRequest, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Draft an order at the best supplier that can fill the request, or queue the request."""
    request.require_unsourced()
    sourcing = uow.get_or_create(Sourcing, sku=request.sku)
    offer = next((each for each in sourcing.rank_offers(uow.effective_on) if _can_fill(each, request, uow)), None)
    if offer is None:
        sourcing.queue_request(request.id)
    else:
        order = _draft_order(request, offer.terms, uow)
        request.source(order.id)
        sourcing.mark_request_sourced(request.id)
        yield order
    yield request
    yield sourcing


def _can_fill(offer: Offer, request: PurchaseRequest, uow: UnitOfWork) -> bool:
    """Whether the supplier may be ordered from, at a price in the base currency, and the order is not too large."""
    seller, terms = uow.get(Supplier, offer.terms.supplier_id), offer.terms
    is_in_base_currency = terms.unit_price.currency == uow.firm.base_currency
    return seller.can_receive_orders() and is_in_base_currency and is_within_maximum(_line(request, terms).net)


def _draft_order(request: PurchaseRequest, terms: SupplierItemEntry, uow: UnitOfWork) -> PurchaseOrder:
    order = PurchaseOrder.draft(
        number=purchase_order.next_order_number(uow),
        supplier_id=terms.supplier_id,
        currency=terms.unit_price.currency,
        warehouse=request.warehouse,
        lines=(_line(request, terms),),
        expected_on=uow.effective_on + timedelta(days=terms.lead_time_days),
        request_id=request.id,
    )
    uow.reserve_unique(purchase_order.PURCHASE_ORDER_NUMBER, order.number, order.id)
    return order


def _line(request: PurchaseRequest, terms: SupplierItemEntry) -> PurchaseLine:
    return PurchaseLine(1, request.sku, terms.order_quantity(request.quantity), terms.unit_price)
