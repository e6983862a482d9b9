"""Commands on suppliers."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.srm.suppliers.domain import supplier
from services.srm.suppliers.domain.supplier import Address, BlockPurpose, Contact, Supplier
from shared import identifiers
from shared.commands import Commands

Records = Sequence[dict[str, Any]]
ALL_PURPOSES = tuple(BlockPurpose)


class Suppliers(Commands):
    """Commands on suppliers: register, block and unblock them, and erase their contacts."""

    def register(
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
            tax_id=identifiers.normalize_tax_id_by_addresses(tax_id, listed),
            iban=self.encrypt(supplier_id, iban),
            **agreed,
        )
        self.uow.reserve_unique(supplier.SUPPLIER_CODE, code, new.id)
        return self.uow.save(new)

    def block(self, supplier_id: UUID, purposes: Sequence[str], reason: str) -> Supplier:
        """Block the supplier for orders, payments or both, until the block is lifted."""
        known = self.uow.get(Supplier, supplier_id)
        known.block(tuple(map(BlockPurpose, purposes)), reason, by=self.actor)
        return self.uow.save(known)

    def unblock(self, supplier_id: UUID, purposes: Sequence[str] = ALL_PURPOSES) -> Supplier:
        """Lift the block for these purposes, by default for all."""
        known = self.uow.get(Supplier, supplier_id)
        known.unblock(tuple(map(BlockPurpose, purposes)), by=self.actor)
        return self.uow.save(known)

    def erase_contact(self, supplier_id: UUID, contact_id: UUID) -> Supplier:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known = self.uow.get(Supplier, supplier_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        return self.uow.save(known)

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        encrypt = partial(self.encrypt, person)
        return Contact(person, self.key_store.encrypt(person, name), encrypt(title), encrypt(email), encrypt(phone))
