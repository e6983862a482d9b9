"""Commands on the suppliers' catalogues and on the choice of a supplier."""

from uuid import UUID

from services.srm.catalogue.domain.sourcing import Sourcing, source_request
from services.srm.catalogue.domain.supplier_item import SupplierItem, SupplierItemEntry
from services.srm.goods.domain.kinds import ITEM
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from services.srm.suppliers.domain.supplier import Supplier
from shared.commands import Commands
from shared.fields import Changes
from shared.master_data import MasterCommands


class SupplierItems(MasterCommands[SupplierItem]):
    """Commands on supplier items: sourcing follows each; a new or revised offer fills the requests that wait for it."""

    def register(self, entry: SupplierItemEntry) -> SupplierItem:
        """Add an item to a supplier's catalogue. Raises InvalidInput for a deactivated supplier, ForeignCurrency.

        Raises UnknownReference for an item that SCM does not have, InvalidInput for a deactivated one.
        """
        self._supplier_of(entry).require_is_active(field="supplier_id")
        self.require_received(ITEM, entry.sku, field="sku")
        return self._update_sourcing(super().register(entry))

    def revise(self, record_id: UUID, changes: Changes[SupplierItemEntry]) -> SupplierItem:
        """Change the given terms. Raises NotFound, ForeignCurrency, InvalidInput for days out of order."""
        return self._update_sourcing(super().revise(record_id, changes))

    def deactivate(self, record_id: UUID) -> SupplierItem:
        """Let sourcing choose the entry no longer."""
        return self._update_sourcing(super().deactivate(record_id))

    def reactivate(self, record_id: UUID) -> SupplierItem:
        """Let sourcing choose the entry again."""
        return self._update_sourcing(super().reactivate(record_id))

    def check(self, entry: SupplierItemEntry) -> None:
        """Raise InvalidInput for an unknown supplier or days out of order, ForeignCurrency."""
        entry.require_valid_terms(self._supplier_of(entry))

    def _supplier_of(self, entry: SupplierItemEntry) -> Supplier:
        return self.uow.get_referenced(Supplier, entry.supplier_id, field="supplier_id")

    def _update_sourcing(self, item: SupplierItem) -> SupplierItem:
        sourcing = self.uow.get_or_create(Sourcing, sku=item.entry.sku)
        if sourcing.update(item, self._supplier_of(item.entry).key):
            for request_id in tuple(sourcing.queued_request_ids):
                self.uow.save(*source_request(self.uow.get(PurchaseRequest, request_id), self.uow))
        return self.uow.save(item, sourcing)


class Catalogue(Commands):
    """Commands of sourcing: search again for the supplier of a purchase request."""

    def source_request(self, request_id: UUID) -> PurchaseRequest:
        """Search again for a supplier, for example after an unblock. Raises WrongStatus unless unsourced."""
        request = self.uow.get(PurchaseRequest, request_id)
        self.uow.save(*source_request(request, self.uow))
        return request
