"""What can be asked of the gateway's own small service: issue, rotate and revoke keys."""

from datetime import UTC, datetime
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import ADMIN, ROLES
from gateway.access.secrets import digest_of, new_secret
from gateway.readings import Readings
from shared.config import SERVICES
from shared.domain import AlreadyTaken, InvalidInput, NeedsAnother
from shared.identity import GATEWAY
from shared.policy import Policies, Published
from shared.service import Service

RESERVED = frozenset({ADMIN, GATEWAY, *SERVICES})
"""What the log says of others must not be sayable of a key."""


class Access(Service):
    """Keys of people and programs. It hears nobody and tells nobody: who may come in is the gateway's own business."""

    NAME = "gateway"
    readings: Readings
    policies = Policies()
    published = Published()

    def issue_key(
        self, name: str, roles: tuple[str, ...], person: str | None = None, expires_at: datetime | None = None
    ) -> tuple[AccessKey, str]:
        """A new key and its secret, which nobody can show again.

        Refused with InvalidInput, AlreadyTaken, or NeedsAnother to who would give himself a role.
        """
        _judge(name, roles, person, expires_at)
        if self.actor in (person, name):
            raise NeedsAnother(f"another administrator has to issue a key for {self.actor}", field="person")
        key_id = AccessKey.create_id(name)
        if self.maybe(AccessKey, key_id):
            raise AlreadyTaken(f"there is a key named {name}", field="name")
        secret = new_secret(key_id)
        key = AccessKey(name, tuple(sorted(set(roles))), digest_of(secret), person, expires_at, self.actor)
        return self.save(key), secret

    def rotate_key(self, key_id: UUID) -> tuple[AccessKey, str]:
        """The same key with another secret."""
        secret = new_secret(key_id)
        key = self.find(AccessKey, key_id)
        key.rotate(digest_of(secret), datetime.now(UTC))
        return self.save(key), secret

    def revoke_key(self, key_id: UUID) -> AccessKey:
        key = self.find(AccessKey, key_id)
        key.revoke()
        return self.save(key)


def _judge(name: str, roles: tuple[str, ...], person: str | None, expires_at: datetime | None) -> None:
    for field, given in (("name", name), ("person", person)):
        if given is not None and given.casefold() in RESERVED:
            raise InvalidInput("this name belongs to the first key or to a service", field=field)
    if not roles:
        raise InvalidInput("a key without roles opens nothing", field="roles")
    for role in roles:
        if role not in ROLES:
            raise InvalidInput(f"{role} is not one of {', '.join(ROLES)}", field="roles")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidInput("is in the past", field="expires_at")
