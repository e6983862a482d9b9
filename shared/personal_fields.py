"""Encryption of the personal fields of a record, by their declaration."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from shared.fields import PersonalData, declared_fields
from shared.key_store import KeyStore

T = TypeVar("T")


class PersonalFields:
    """Encrypts texts of one subject, a person or a business partner; a text that `known` has stays as it is stored."""

    def __init__(self, key_store: KeyStore, subject: UUID, known: Any = None) -> None:
        self._key_store, self._subject = key_store, subject
        stored = [each for each in personal_data_in(known) if each.subject == subject]
        self._known = {self.decrypt(each): each for each in stored}

    def decrypt(self, stored: PersonalData | None) -> str | None:
        """Return the text; None for none, and for an erased one."""
        return None if stored is None else self._key_store.decrypt(stored.subject, stored.cipher)

    def encrypt(self, text: str | None) -> PersonalData | None:
        """Return the text encrypted for storage. Raises PersonalDataErased."""
        if text is None:
            return None
        return self._known.get(text) or self._key_store.encrypt(self._subject, text)

    def encrypt_fields(self, stored_class: type[T], requested: Any, **others: Any) -> T:
        """Return a requested object as it is stored: the personal fields encrypted, all fields but `others` its own."""
        own = {
            each.name: self.encrypt(value) if each.value_type is PersonalData else value
            for each in declared_fields(cast("Any", stored_class))
            if each.name not in others
            for value in [getattr(requested, each.name)]
        }
        return stored_class(**own, **others)


def personal_data_in(value: Any) -> Iterator[PersonalData]:
    """Yield all personal data of an object, its parts included."""
    if isinstance(value, PersonalData):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from personal_data_in(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from personal_data_in(getattr(value, each.name))
