"""Who issues a command, why, and on which business date."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from shared.message import Message


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of a command or query; with `only_own` they can access only their own records.

    The gateway checks permissions. In a service they only decide which `allowed_commands` of a record are shown.
    """

    actor: str
    roles: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    trace_id: str = ""
    traceparent: str | None = None
    only_own: bool = False
    permissions: tuple[str, ...] = ()
    own_permissions: tuple[str, ...] = ()
    request: str | None = None
    """Method and route of the request."""

    def of_request(self, trace_id: str, traceparent: str, request: str | None, *, only_own: bool) -> "Caller":
        """Return the caller of one request; `dataclasses.replace` costs several times as much."""
        return Caller(
            self.actor, self.roles, self.on_behalf_of, trace_id, traceparent, only_own,
            self.permissions, self.own_permissions, request,
        )  # fmt: skip


class GivenDate(NamedTuple):
    """The business date that a person gave a command, and the field of the request that has it."""

    effective_on: date
    date_field: str = "effective_on"


class CommandContext(Struct, frozen=True):
    """Context of a command or a reaction: who acts, why, and on which business date."""

    actor: str
    causation_id: str
    effective_on: date | None = None
    """None: today in the firm's time zone."""
    correlation_id: UUID | None = None
    on_behalf_of: str | None = None
    traceparent: str | None = None
    only_own: bool = False
    """The actor can read and change only their own records."""
    date_field: str | None = None
    """The field of the request that gave the business date; None if no person gave it."""
    request: str | None = None
    """Method and route of the request that is the command."""

    @classmethod
    def from_message(cls, message: Message, service: str) -> "CommandContext":
        """Return the context of a reaction of `service` to an event, on behalf of the user who started the flow."""
        user = message.on_behalf_of or message.actor
        return cls(service, message.id, message.effective_on, message.correlation_id, user, message.traceparent)
