"""Commands of the gateway's own service: issue, rotate and revoke access keys."""

from datetime import UTC, datetime
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import ADMIN, ROLES
from gateway.access.secrets import digest_of, new_secret
from gateway.access_log import AccessLog
from shared.commands import Commands
from shared.config import SERVICES
from shared.domain import AlreadyTaken, FourEyesRequired, InvalidInput
from shared.identity import GATEWAY
from shared.module import Module
from shared.service import Service

RESERVED_NAMES = frozenset({ADMIN, GATEWAY, *SERVICES})
"""Actors that the event log uses for the first administrator, the gateway and the services."""


class AccessKeys(Commands):
    """Access keys of people and programs."""

    def issue(
        self, name: str, roles: tuple[str, ...], person: str | None = None, expires_at: datetime | None = None
    ) -> tuple[AccessKey, str]:
        """Return a new key and its secret, which cannot be read again.

        Raises InvalidInput, AlreadyTaken, or FourEyesRequired if the actors issue the key for themselves.
        """
        _require_valid(name, roles, person, expires_at)
        if self.actor in (person, name):
            raise FourEyesRequired(f"another administrator must issue a key for {self.actor}", field="person")
        key_id = AccessKey.create_id(name)
        if self.uow.get_or_none(AccessKey, key_id):
            raise AlreadyTaken(f"the name {name} is already used by a key; choose another name", field="name")
        secret = new_secret(key_id)
        key = AccessKey(name, tuple(sorted(set(roles))), digest_of(secret), person, expires_at, self.actor)
        return self.uow.save(key), secret

    def rotate(self, key_id: UUID) -> tuple[AccessKey, str]:
        """Replace the secret of a key; return the key and the new secret."""
        secret = new_secret(key_id)
        key = self.uow.get(AccessKey, key_id)
        key.rotate(digest_of(secret), datetime.now(UTC))
        return self.uow.save(key), secret

    def revoke(self, key_id: UUID) -> AccessKey:
        key = self.uow.get(AccessKey, key_id)
        key.revoke()
        return self.uow.save(key)


class Access(Service):
    """The gateway's own service, which neither consumes nor publishes events."""

    NAME = "gateway"
    modules = (Module("keys", commands=AccessKeys),)
    access_log: AccessLog


def _require_valid(name: str, roles: tuple[str, ...], person: str | None, expires_at: datetime | None) -> None:
    for field, given in (("name", name), ("person", person)):
        if given is not None and given.casefold() in RESERVED_NAMES:
            raise InvalidInput("this name is reserved; choose another name", field=field)
    if not roles:
        raise InvalidInput("at least one role is required", field="roles")
    for role in roles:
        if role not in ROLES:
            raise InvalidInput(f"unknown role {role}; allowed: {', '.join(ROLES)}", field="roles")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidInput("must be in the future", field="expires_at")
