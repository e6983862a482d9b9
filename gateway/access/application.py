"""Commands of the gateway's own service: issue, accept, rotate and revoke access keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.access_log_length import AccessLogLengths
from gateway.access.keys_by_actor import KeysByActor
from gateway.access.roles import Role
from gateway.access.secrets import digest_of, new_secret
from gateway.access_log import AccessLog
from shared.commands import Commands
from shared.config import SERVICES
from shared.domain import AccessDenied, AlreadyTaken, FourEyesRequired, InvalidInput
from shared.fields import ActorName, Instant, limits
from shared.identity import GATEWAY
from shared.module import Module
from shared.names import is_same_name, name_skeletons
from shared.service import Service

RESERVED_NAMES = frozenset({Role.ADMIN, GATEWAY, *SERVICES})
"""Actors that the event log uses for the first administrator, the gateway and the services."""
KEY_NAME, PERSON = "access_key.name", "access_key.person"


@dataclass(frozen=True, kw_only=True)
class IssueKey:
    """The name, the roles and the person of a new key."""

    name: ActorName
    roles: Annotated[tuple[Role, ...], limits(min=1)]
    person: ActorName | None = None
    expires_at: Instant | None = None


class AccessKeys(Commands):
    """Access keys of people and programs."""

    def issue(self, wanted: IssueKey) -> tuple[AccessKey, str | None]:
        """Return a new key and its secret, which cannot be read again; no secret if its person has a key already.

        Raises InvalidInput, AlreadyTaken, or FourEyesRequired if the actors issue the key for themselves.
        """
        _require_valid(wanted)
        name = wanted.name
        if any(is_same_name(self.actor, each) for each in (wanted.person, name) if each):
            raise FourEyesRequired(f"another administrator must issue a key for {self.actor}", field="person")
        key_id = AccessKey.create_id(name)
        if self.uow.get_or_none(AccessKey, key_id):
            raise AlreadyTaken(f"the name {name} is already used by a key; choose another name", field="name")
        self.uow.reserve_unique(KEY_NAME, name, key_id)
        self._reserve_person(wanted.person or name, "person" if wanted.person else "name")
        secret = None if self._has_key(wanted.person or name) else new_secret(key_id)
        digest, roles = secret and digest_of(secret), tuple(sorted(set(wanted.roles)))
        key = AccessKey(name, roles, digest, wanted.person, wanted.expires_at, self.actor)
        return self.uow.save(key), secret

    def _reserve_person(self, person: str, field: str) -> None:
        """Reserve every form by which the name is read. Raises AlreadyTaken for another spelling of a known name."""
        owner = AccessKey.derive_id(person)
        for form in sorted(name_skeletons(person)):
            known = self.uow.get_unique_value(PERSON, form)
            if known is not None and known.owner != owner:
                raise AlreadyTaken(f"{person} reads like a name that is in use; spell it the same way", field=field)
            self.uow.reserve_unique(PERSON, form, owner)

    def _has_key(self, actor: str) -> bool:
        """Return whether the actor has a valid key."""
        now, keys = datetime.now(UTC), (self.uow.load(AccessKey, each) for each in self._keys_by_actor.get(actor))
        return any(key.is_valid(now) for key in keys if key)

    @cached_property
    def _keys_by_actor(self) -> KeysByActor:
        return KeysByActor(self.runner.store)

    def accept(self, key_id: UUID) -> tuple[AccessKey, str]:
        """Accept a key that another issued for the actor; return it and its secret. Raises AccessDenied to others."""
        return self._with_new_secret(key_id, lambda key, digest: key.accept(digest))

    def rotate(self, key_id: UUID) -> tuple[AccessKey, str]:
        """Replace the secret of one's own key; return the key and the new secret. Raises AccessDenied to others."""
        return self._with_new_secret(key_id, lambda key, digest: key.rotate(digest, datetime.now(UTC)))

    def _with_new_secret(self, key_id: UUID, change: Callable[[AccessKey, str], None]) -> tuple[AccessKey, str]:
        key, secret = self.uow.get(AccessKey, key_id), new_secret(key_id)
        if key.actor != self.actor:
            raise AccessDenied(f"only {key.actor} may receive a secret of this key; revoke it and issue another one")
        change(key, digest_of(secret))
        return self.uow.save(key), secret

    def revoke(self, key_id: UUID) -> AccessKey:
        key = self.uow.get(AccessKey, key_id)
        key.revoke()
        return self.uow.save(key)


class Access(Service):
    """The gateway's own service, which neither consumes nor publishes events."""

    NAME = "gateway"
    modules = (Module("keys", commands=AccessKeys), Module("access_log_lengths", commands=AccessLogLengths))
    access_log: AccessLog


def _require_valid(wanted: IssueKey) -> None:
    if not wanted.roles:
        raise InvalidInput("at least one role is required", field="roles")
    for field, given in (("name", wanted.name), ("person", wanted.person)):
        if given is not None and any(is_same_name(given, each) for each in RESERVED_NAMES):
            raise InvalidInput("this name is reserved; choose another name", field=field)
    if wanted.expires_at is not None and wanted.expires_at <= datetime.now(UTC):
        raise InvalidInput("must be in the future", field="expires_at")
