"""What can be asked of SRM."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.srm.domain import purchase_order, supplier
from services.srm.domain.purchase_line import PurchaseLine, Wanted
from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.settings import Settings
from services.srm.domain.sourcing import Offer, Sourcing, request_behind, source
from services.srm.domain.supplier import Address, Contact, Purpose, Supplier
from services.srm.domain.supplier_item import SupplierItem, SupplyTerms
from services.srm.policies import policies
from services.srm.published import published
from services.srm.reports import reports
from shared import identifiers
from shared.domain import InvalidInput
from shared.service import Service

Given = Sequence[dict[str, Any]]
EVERYTHING = tuple(Purpose)


class Srm(Service):
    """Suppliers, what they offer, and what was ordered from them."""

    NAME = "srm"
    policies = policies
    published = published
    decides = Settings
    reports = reports

    def register_supplier(
        self,
        code: str,
        contacts: Given = (),
        addresses: Given = (),
        tax_id: str | None = None,
        iban: str | None = None,
        **agreed: Any,
    ) -> Supplier:
        """Refused with AlreadyTaken for a code that exists, InvalidInput for a tax id its country does not know."""
        agreed.setdefault("payment_terms_days", self.settings.payment_terms_days)
        supplier_id = uuid4()
        listed = tuple(Address(**each) for each in addresses)
        new = Supplier(
            id=supplier_id,
            code=code,
            contacts=tuple(self._contact(uuid4(), **each) for each in contacts),
            addresses=listed,
            tax_id=identifiers.tax_id_at(tax_id, listed),
            iban=self.seal(supplier_id, iban),
            **agreed,
        )
        self.claim(supplier.CODE, code, new.id)
        return self.save(new)

    def block_supplier(self, supplier_id: UUID, purposes: Sequence[str], reason: str) -> Supplier:
        """Send no orders, pay no bills, or both, until the block is lifted."""
        known = self.find(Supplier, supplier_id)
        known.block(tuple(map(Purpose, purposes)), reason, by=self.actor)
        return self.save(known)

    def unblock_supplier(self, supplier_id: UUID, purposes: Sequence[str] = EVERYTHING) -> Supplier:
        """Lift the block for these purposes, or for all."""
        known = self.find(Supplier, supplier_id)
        known.unblock(tuple(map(Purpose, purposes)), by=self.actor)
        return self.save(known)

    def erase_contact(self, supplier_id: UUID, contact_id: UUID) -> Supplier:
        """Destroy the person's key: nothing about this contact can be read again, here or in any copy."""
        known = self.find(Supplier, supplier_id)
        known.erase_contact(contact_id)
        self.forget(contact_id)
        return self.save(known)

    def list_supplier_item(self, supplier_id: UUID, sku: str, **terms: Any) -> SupplierItem:
        """A supplier offers an item; requests that waited for an offer get theirs. Refused with ForeignCurrency."""
        seller = self._seller(supplier_id)
        listed = SupplierItem.listed(seller, sku, SupplyTerms(**terms))
        sourcing = self.find(Sourcing, sku=sku)
        sourcing.offer(Offer(seller.id, seller.code, listed.terms))
        for request_id in tuple(sourcing.waiting):
            self.save(*source(self.find(PurchaseRequest, request_id), self._work))
        return self.save(listed, sourcing)

    def draft_purchase_order(
        self, supplier_id: UUID, currency: str, lines: Given, number: str | None = None, **agreed: Any
    ) -> PurchaseOrder:
        """The number is given, or taken from the series. Refused with AlreadyTaken, ForeignCurrency."""
        self._seller(supplier_id).require_trade_in(currency)
        order = PurchaseOrder.draft(
            number=number or purchase_order.next_number(self._work),
            supplier_id=supplier_id,
            currency=currency,
            lines=tuple(PurchaseLine(place, **line) for place, line in enumerate(lines, 1)),
            **agreed,
        )
        self.claim(purchase_order.NUMBER, order.number, order.id)
        return self.save(order)

    def send_purchase_order(self, order_id: UUID) -> PurchaseOrder:
        """Ask the supplier to deliver. Refused with SupplierBlocked, or WrongStatus unless it is a draft."""
        order = self.find(PurchaseOrder, order_id)
        self._require_unblocked(order)
        order.send(self.today)
        request = request_behind(order, self._work)
        if request is not None:
            request.order_sent()
            self.save(request)
        return self.save(order)

    def revise_purchase_order(self, order_id: UUID, lines: Given | None = None, **terms: Any) -> PurchaseOrder:
        """Other lines, prices, day or tolerance; what is not given stays. A sent order is asked for anew as it stands.

        Refused with SupplierBlocked once sent, WrongStatus once it has ended, BelowReceived, ForeignCurrency.
        """
        order = self.find(PurchaseOrder, order_id)
        if order.sent:
            self._require_unblocked(order)
        order.revise(None if lines is None else tuple(Wanted(**each) for each in lines), **terms)
        return self.save(order)

    def close_purchase_order(self, order_id: UUID, reason: str | None = None) -> PurchaseOrder:
        """Expect no more of it, whatever has come. Refused with WrongStatus for a draft, or once it has ended."""
        order = self.find(PurchaseOrder, order_id)
        order.close(reason)
        request = request_behind(order, self._work)
        if request is not None:
            request.order_closed(reason, anything_came=any(order.received.values()))
            self.save(request)
        return self.save(order)

    def cancel_purchase_order(self, order_id: UUID, reason: str) -> PurchaseOrder:
        """Expect no more of it. Refused with WrongStatus once all has arrived."""
        order = self.find(PurchaseOrder, order_id)
        order.cancel(reason)
        request = request_behind(order, self._work)
        if request is not None:
            request.order_cancelled(reason)
            self.save(request)
        return self.save(order)

    def source_purchase_request(self, request_id: UUID) -> PurchaseRequest:
        """Look again for a supplier, as after a block was lifted. Refused with WrongStatus unless unsourced."""
        request = self.find(PurchaseRequest, request_id)
        self.save(*source(request, self._work))
        return request

    def _require_unblocked(self, order: PurchaseOrder) -> None:
        seller = self.find(Supplier, order.supplier_id)
        seller.require_unblocked(Purpose.ORDERS)
        self.unchanged(seller)

    def _seller(self, supplier_id: UUID) -> Supplier:
        seller = self.maybe(Supplier, supplier_id)
        if seller is None:
            raise InvalidInput(f"no supplier {supplier_id}", field="supplier_id")
        return seller

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        seal = partial(self.seal, person)
        return Contact(person, self.vault.seal(person, name), seal(title), seal(email), seal(phone))
