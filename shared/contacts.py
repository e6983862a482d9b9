"""Contacts and addresses in requests, and the commands that encrypt and erase contacts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar
from uuid import UUID, uuid4

from shared import domain
from shared.commands import Commands
from shared.domain import Address, ContactHolder, InvalidInput
from shared.fields import PERSONAL, UNSET, Email, Id, Phone, ShortText, Text, UnsetType, limits

H = TypeVar("H", bound=ContactHolder)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A contact person in a request."""

    name: Annotated[Text, PERSONAL]
    title: Annotated[ShortText, PERSONAL] | None = None
    email: Annotated[Email, PERSONAL] | None = None
    phone: Annotated[Phone, PERSONAL] | None = None


@dataclass(frozen=True, kw_only=True)
class KnownOrNewContact(Contact):
    """A contact person in a request to change a record: with `id` a known one, without it a new one."""

    id: Id | UnsetType = UNSET


Contacts: TypeAlias = Annotated[tuple[Contact, ...], limits(max=100)]
KnownOrNewContacts: TypeAlias = Annotated[tuple[KnownOrNewContact, ...], limits(max=100)]
Addresses: TypeAlias = Annotated[tuple[Address, ...], limits(max=100)]

SHOWN_CONTACT: Mapping[str, type] = {"id": UUID, "name": str, "title": str, "email": str, "phone": str}
"""A contact in a row, in the form that `Projection.extra_fields` has."""


class ContactCommands(Commands, Generic[H]):
    """Base class of commands on records with contacts; each contact is encrypted with the key of that person."""

    record_class: ClassVar[type[Any]]

    def erase_contact(self, record_id: UUID, contact_id: UUID) -> H:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known: Any = self.uow.get(self.record_class, record_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        saved: H = self.uow.save(known)
        return saved

    def _new_contacts(self, requested: Iterable[Contact]) -> tuple[domain.Contact, ...]:
        return tuple(self._encrypted_contact(uuid4(), each) for each in requested)

    def _revised_contacts(self, known: H, requested: Sequence[KnownOrNewContact]) -> tuple[domain.Contact, ...]:
        """Return the known and new contacts. Raises InvalidInput for one unknown or given twice, ContactErasedError."""
        _require_each_once(requested)
        return tuple(self._encrypted_contact(_person(known, each), each) for each in requested)

    def _encrypted_contact(self, person: UUID, contact: Contact) -> domain.Contact:
        encrypt, name = partial(self.encrypt, person), self.key_store.encrypt(person, contact.name)
        return domain.Contact(person, name, encrypt(contact.title), encrypt(contact.email), encrypt(contact.phone))


def _require_each_once(requested: Iterable[KnownOrNewContact]) -> None:
    given: set[Id] = set()
    for place, contact in enumerate(requested):
        if isinstance(contact.id, UnsetType):
            continue
        if contact.id in given:
            raise InvalidInput(f"contact {contact.id} is given twice", field=f"contacts/{place}/id")
        given.add(contact.id)


def _person(known: ContactHolder, requested: KnownOrNewContact) -> UUID:
    if isinstance(requested.id, UnsetType):
        return uuid4()
    known.require_contact(requested.id)
    return requested.id
