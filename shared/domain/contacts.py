"""Contacts of a record, which can be erased for good."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.domain.errors import DomainError, InvalidInput, NotFound, class_words


class ContactErasedError(DomainError):
    """Raised when a change refers to a contact that was erased."""


class ContactHolder:
    """Base class of aggregates with contacts: each keeps its id when it leaves the list or is erased."""

    contact_ids: set[UUID]
    erased_contact_ids: set[UUID]
    is_erased = False

    if TYPE_CHECKING:

        @property
        def key(self) -> str: ...

        def _erased(self) -> None: ...

        def _contact_erased(self, contact_id: UUID) -> None: ...

    def require_contact(self, contact_id: UUID) -> None:
        """Raise InvalidInput for an unknown contact, ContactErasedError for an erased one."""
        if contact_id not in self.contact_ids:
            record = f"{class_words(type(self).__name__)} {self.key}"
            raise InvalidInput(f"contact {contact_id} of {record} not found", field="contacts")
        if contact_id in self.erased_contact_ids:
            raise ContactErasedError(f"contact {contact_id} was erased: add a new one", field="contacts")

    def erase(self) -> None:
        """Remove all personal data of the record and of its contacts for good. A second call has no effect."""
        for each in sorted(self.contact_ids - self.erased_contact_ids):
            self._contact_erased(contact_id=each)
        if not self.is_erased:
            self._erased()

    def erase_contact(self, contact_id: UUID) -> None:
        """Remove a present or former contact for good. A second call has no effect."""
        if contact_id not in self.contact_ids:
            raise NotFound("contact", contact_id)
        if contact_id not in self.erased_contact_ids:
            self._contact_erased(contact_id=contact_id)
