"""Commands of the gateway's own service: issue, rotate and revoke access keys."""

from datetime import UTC, datetime
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import ADMIN, ROLES
from gateway.access.secrets import digest_of, new_secret
from gateway.access_log import AccessLog
from shared.config import SERVICES
from shared.domain import AlreadyTaken, FourEyesRequired, InvalidInput
from shared.identity import GATEWAY
from shared.policies import Policies, PublishedEvents
from shared.service import Service

RESERVED_NAMES = frozenset({ADMIN, GATEWAY, *SERVICES})
"""Actors that the event log uses for the first administrator, the gateway and the services."""


class Access(Service):
    """Access keys of people and programs. The service neither consumes nor publishes events."""

    NAME = "gateway"
    access_log: AccessLog
    policies = Policies()
    published = PublishedEvents()

    def issue_key(
        self, name: str, roles: tuple[str, ...], person: str | None = None, expires_at: datetime | None = None
    ) -> tuple[AccessKey, str]:
        """Return a new key and its secret, which cannot be read again.

        Raises InvalidInput, AlreadyTaken, or FourEyesRequired if the actors issue the key for themselves.
        """
        _require_valid(name, roles, person, expires_at)
        if self.actor in (person, name):
            raise FourEyesRequired(f"another administrator must issue a key for {self.actor}", field="person")
        key_id = AccessKey.create_id(name)
        if self.get_or_none(AccessKey, key_id):
            raise AlreadyTaken(f"the name {name} is already used by a key; choose another name", field="name")
        secret = new_secret(key_id)
        key = AccessKey(name, tuple(sorted(set(roles))), digest_of(secret), person, expires_at, self.actor)
        return self.save(key), secret

    def rotate_key(self, key_id: UUID) -> tuple[AccessKey, str]:
        """Replace the secret of a key; return the key and the new secret."""
        secret = new_secret(key_id)
        key = self.get(AccessKey, key_id)
        key.rotate(digest_of(secret), datetime.now(UTC))
        return self.save(key), secret

    def revoke_key(self, key_id: UUID) -> AccessKey:
        key = self.get(AccessKey, key_id)
        key.revoke()
        return self.save(key)


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
