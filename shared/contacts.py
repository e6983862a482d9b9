"""Contacts and addresses in requests, and the commands that encrypt and erase contacts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar
from uuid import UUID, uuid4

from shared import domain
from shared.commands import Commands
from shared.domain import AddressKind, ContactHolder, InvalidInput
from shared.fields import PERSONAL, UNSET, Country, Email, Id, Phone, PostalCode, ShortText, Text, UnsetType, limits
from shared.fields.rows import shape_of
from shared.personal_fields import PersonalFields

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


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address of a business partner, for billing or shipping."""

    kind: AddressKind
    street: Annotated[Text, PERSONAL]
    city: Annotated[ShortText, PERSONAL]
    region: Annotated[ShortText, PERSONAL] | None = None
    postal_code: Annotated[PostalCode, PERSONAL] | None = None
    country: Country


Contacts: TypeAlias = Annotated[tuple[Contact, ...], limits(max=100)]
KnownOrNewContacts: TypeAlias = Annotated[tuple[KnownOrNewContact, ...], limits(max=100)]
Addresses: TypeAlias = Annotated[tuple[Address, ...], limits(max=100)]

SHOWN_CONTACT: Mapping[str, Any] = shape_of(domain.Contact)
SHOWN_ADDRESS: Mapping[str, Any] = shape_of(domain.Address)
"""A contact and an address in a row, in the form that `Projection.extra_fields` has."""


class ContactCommands(Commands, Generic[H]):
    """Base class of commands on records with contacts, each encrypted with the key of that person.

    All other personal fields of the record are encrypted with the key of the record.
    """

    record_class: ClassVar[type[Any]]

    def erase_contact(self, record_id: UUID, contact_id: UUID) -> H:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known: Any = self.uow.get(self.record_class, record_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        saved: H = self.uow.save(known)
        return saved

    def erase_all(self, record_id: UUID) -> H:
        """Destroy the keys of the record and of all its contacts: no copy of their fields can be decrypted again."""
        known: Any = self.uow.get(self.record_class, record_id)
        known.erase()
        for subject in (record_id, *known.contact_ids):
            self.erase(subject)
        saved: H = self.uow.save(known)
        return saved

    def _new_contacts(self, requested: Iterable[Contact]) -> tuple[domain.Contact, ...]:
        return tuple(self._encrypted_contact(uuid4(), each) for each in requested)

    def _revised_contacts(
        self, known: H, before: tuple[domain.Contact, ...], requested: Sequence[KnownOrNewContact]
    ) -> tuple[domain.Contact, ...]:
        """Return the known and new contacts. Raises InvalidInput for one unknown or given twice, ContactErasedError."""
        _require_each_once(requested)
        return tuple(self._encrypted_contact(_person(known, each), each, before) for each in requested)

    def _encrypted_contact(self, person: UUID, contact: Contact, before: Any = ()) -> domain.Contact:
        return self.personal_fields_of(person, before).encrypt_fields(domain.Contact, contact, id=person)


def encrypted_addresses(requested: Iterable[Address], personal: PersonalFields) -> tuple[domain.Address, ...]:
    """Return requested addresses as they are stored."""
    return tuple(personal.encrypt_fields(domain.Address, each) for each in requested)


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
