"""Commands on the suppliers' catalogues and on the choice of a supplier."""

from typing import Any
from uuid import UUID

from services.srm.catalogue.domain.sourcing import Offer, Sourcing, source_request
from services.srm.catalogue.domain.supplier_item import SupplierItem, SupplyTerms
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from services.srm.suppliers.domain.supplier import Supplier
from shared.commands import Commands


class Catalogue(Commands):
    """Commands on the catalogue: add supplier items, and search again for the supplier of a purchase request."""

    def add_item(self, supplier_id: UUID, sku: str, **terms: Any) -> SupplierItem:
        """Add an item to the supplier's catalogue and source the requests that wait for it. Raises ForeignCurrency."""
        seller = self.uow.get_referenced(Supplier, supplier_id, field="supplier_id")
        listed = SupplierItem.add_to_catalogue(seller, sku, SupplyTerms(**terms))
        sourcing = self.uow.get_or_create(Sourcing, sku=sku)
        sourcing.offer(Offer(seller.id, seller.code, listed.terms))
        for request_id in tuple(sourcing.queued_request_ids):
            self.uow.save(*source_request(self.uow.get(PurchaseRequest, request_id), self.uow))
        return self.uow.save(listed, sourcing)

    def source_request(self, request_id: UUID) -> PurchaseRequest:
        """Search again for a supplier, for example after an unblock. Raises WrongStatus unless unsourced."""
        request = self.uow.get(PurchaseRequest, request_id)
        self.uow.save(*source_request(request, self.uow))
        return request
