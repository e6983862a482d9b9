"""SRM: the commands on suppliers, supplier items, purchase requests and purchase orders."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.srm.domain import purchase_order, supplier
from services.srm.domain.purchase_line import PurchaseLine, RequestedLine
from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.settings import Settings
from services.srm.domain.sourcing import Offer, Sourcing, request_of, source_request
from services.srm.domain.supplier import Address, Contact, Purpose, Supplier
from services.srm.domain.supplier_item import SupplierItem, SupplyTerms
from services.srm.policies import policies
from services.srm.projections import reports
from services.srm.published import published
from shared import identifiers
from shared.domain import InvalidInput
from shared.service import Service

Records = Sequence[dict[str, Any]]
ALL_PURPOSES = tuple(Purpose)


class Srm(Service):
    """Supplier relationship management: suppliers, supplier items, purchase requests and purchase orders."""

    NAME = "srm"
    policies = policies
    published = published
    settings_class = Settings
    projections = reports

    def register_supplier(
        self,
        code: str,
        contacts: Records = (),
        addresses: Records = (),
        tax_id: str | None = None,
        iban: str | None = None,
        **agreed: Any,
    ) -> Supplier:
        """Register a supplier. Raises AlreadyTaken for a code in use, InvalidInput for an invalid tax id."""
        agreed.setdefault("payment_terms_days", self.settings.payment_terms_days)
        supplier_id = uuid4()
        listed = tuple(Address(**each) for each in addresses)
        new = Supplier(
            id=supplier_id,
            code=code,
            contacts=tuple(self._contact(uuid4(), **each) for each in contacts),
            addresses=listed,
            tax_id=identifiers.normalize_tax_id_for(tax_id, listed),
            iban=self.encrypt(supplier_id, iban),
            **agreed,
        )
        self.reserve_unique(supplier.SUPPLIER_CODE, code, new.id)
        return self.save(new)

    def block_supplier(self, supplier_id: UUID, purposes: Sequence[str], reason: str) -> Supplier:
        """Block the supplier for orders, payments or both, until the block is lifted."""
        known = self.get(Supplier, supplier_id)
        known.block(tuple(map(Purpose, purposes)), reason, by=self.actor)
        return self.save(known)

    def unblock_supplier(self, supplier_id: UUID, purposes: Sequence[str] = ALL_PURPOSES) -> Supplier:
        """Lift the block for these purposes, by default for all."""
        known = self.get(Supplier, supplier_id)
        known.unblock(tuple(map(Purpose, purposes)), by=self.actor)
        return self.save(known)

    def erase_contact(self, supplier_id: UUID, contact_id: UUID) -> Supplier:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known = self.get(Supplier, supplier_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        return self.save(known)

    def add_supplier_item(self, supplier_id: UUID, sku: str, **terms: Any) -> SupplierItem:
        """Add an item to the supplier's catalogue and source the requests that wait for it. Raises ForeignCurrency."""
        seller = self._get_supplier(supplier_id)
        listed = SupplierItem.add_to_catalogue(seller, sku, SupplyTerms(**terms))
        sourcing = self.get_or_create(Sourcing, sku=sku)
        sourcing.offer(Offer(seller.id, seller.code, listed.terms))
        for request_id in tuple(sourcing.queued_request_ids):
            self.save(*source_request(self.get(PurchaseRequest, request_id), self._uow))
        return self.save(listed, sourcing)

    def draft_purchase_order(
        self, supplier_id: UUID, currency: str, lines: Records, number: str | None = None, **agreed: Any
    ) -> PurchaseOrder:
        """Draft an order, numbered from the series by default. Raises AlreadyTaken, ForeignCurrency."""
        self._get_supplier(supplier_id).require_currency(currency)
        order = PurchaseOrder.draft(
            number=number or purchase_order.next_free_number(self._uow),
            supplier_id=supplier_id,
            currency=currency,
            lines=tuple(PurchaseLine(place, **line) for place, line in enumerate(lines, 1)),
            **agreed,
        )
        self.reserve_unique(purchase_order.PURCHASE_ORDER_NUMBER, order.number, order.id)
        return self.save(order)

    def send_purchase_order(self, order_id: UUID) -> PurchaseOrder:
        """Send the order to the supplier. Raises SupplierBlocked, and WrongStatus unless it is a draft."""
        order = self.get(PurchaseOrder, order_id)
        self._require_unblocked(order)
        order.send(self.effective_on)
        request = request_of(order, self._uow)
        if request is not None:
            request.order_sent()
            self.save(request)
        return self.save(order)

    def revise_purchase_order(self, order_id: UUID, lines: Records | None = None, **terms: Any) -> PurchaseOrder:
        """Change lines, prices, expected day or tolerance; omitted terms stay. Sent orders are sent again as revised.

        Raises SupplierBlocked if it was sent, WrongStatus once it has ended, BelowReceivedQuantity, ForeignCurrency.
        """
        order = self.get(PurchaseOrder, order_id)
        if order.sent:
            self._require_unblocked(order)
        order.revise(None if lines is None else tuple(RequestedLine(**each) for each in lines), **terms)
        return self.save(order)

    def close_purchase_order(self, order_id: UUID, reason: str | None = None) -> PurchaseOrder:
        """Expect nothing more of the order. Raises WrongStatus for a draft, or once it has ended."""
        order = self.get(PurchaseOrder, order_id)
        order.close(reason)
        request = request_of(order, self._uow)
        if request is not None:
            request.order_closed(reason, has_receipts=any(order.received.values()))
            self.save(request)
        return self.save(order)

    def cancel_purchase_order(self, order_id: UUID, reason: str) -> PurchaseOrder:
        """Cancel the rest of the order. Raises WrongStatus once everything has arrived."""
        order = self.get(PurchaseOrder, order_id)
        order.cancel(reason)
        request = request_of(order, self._uow)
        if request is not None:
            request.order_cancelled(reason)
            self.save(request)
        return self.save(order)

    def source_purchase_request(self, request_id: UUID) -> PurchaseRequest:
        """Search again for a supplier, for example after an unblock. Raises WrongStatus unless unsourced."""
        request = self.get(PurchaseRequest, request_id)
        self.save(*source_request(request, self._uow))
        return request

    def _require_unblocked(self, order: PurchaseOrder) -> None:
        seller = self.get(Supplier, order.supplier_id)
        seller.require_unblocked(Purpose.ORDERS)
        self.require_unchanged(seller)

    def _get_supplier(self, supplier_id: UUID) -> Supplier:
        seller = self.get_or_none(Supplier, supplier_id)
        if seller is None:
            raise InvalidInput(f"supplier {supplier_id} not found", field="supplier_id")
        return seller

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        encrypt = partial(self.encrypt, person)
        return Contact(person, self.key_store.encrypt(person, name), encrypt(title), encrypt(email), encrypt(phone))
