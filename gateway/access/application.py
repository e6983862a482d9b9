"""Commands of the gateway's own service: issue, rotate and revoke access keys."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import Role
from gateway.access.secrets import digest_of, new_secret
from gateway.access_log import AccessLog
from shared.commands import Commands
from shared.config import SERVICES
from shared.domain import AlreadyTaken, FourEyesRequired, InvalidInput, fold_text
from shared.fields import Instant, ShortText, limits
from shared.identity import GATEWAY
from shared.module import Module
from shared.service import Service

RESERVED_NAMES = frozenset({Role.ADMIN, GATEWAY, *SERVICES})
"""Actors that the event log uses for the first administrator, the gateway and the services."""
KEY_NAME = "access_key.name"


@dataclass(frozen=True, kw_only=True)
class IssueKey:
    """The name, the roles and the person of a new key."""

    name: ShortText
    roles: Annotated[tuple[Role, ...], limits(min=1)]
    person: ShortText | None = None
    expires_at: Instant | None = None


class AccessKeys(Commands):
    """Access keys of people and programs."""

    def issue(self, wanted: IssueKey) -> tuple[AccessKey, str]:
        """Return a new key and its secret, which cannot be read again.

        Raises InvalidInput, AlreadyTaken, or FourEyesRequired if the actors issue the key for themselves.
        """
        _require_valid(wanted)
        name = wanted.name
        if fold_text(self.actor) in {fold_text(each) for each in (wanted.person, name) if each}:
            raise FourEyesRequired(f"another administrator must issue a key for {self.actor}", field="person")
        key_id = AccessKey.create_id(name)
        if self.uow.get_or_none(AccessKey, key_id):
            raise AlreadyTaken(f"the name {name} is already used by a key; choose another name", field="name")
        self.uow.reserve_unique(KEY_NAME, name, key_id)
        secret, roles = new_secret(key_id), tuple(sorted(set(wanted.roles)))
        key = AccessKey(name, roles, digest_of(secret), wanted.person, wanted.expires_at, self.actor)
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


def _require_valid(wanted: IssueKey) -> None:
    if not wanted.roles:
        raise InvalidInput("at least one role is required", field="roles")
    for field, given in (("name", wanted.name), ("person", wanted.person)):
        if given is not None and fold_text(given) in RESERVED_NAMES:
            raise InvalidInput("this name is reserved; choose another name", field=field)
    if wanted.expires_at is not None and wanted.expires_at <= datetime.now(UTC):
        raise InvalidInput("must be in the future", field="expires_at")
