"""Events of the log that a caller may see in a composed view: those of records that they may read."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

from shared.command_context import Caller
from shared.domain import TYPES_BY_NAME
from shared.module import Module
from shared.permissions import is_permitted
from shared.service import Service
from shared.store import RecordedEvent
from shared.web.resource import Resource


def readable_by(caller: Caller, service: Service) -> Callable[[RecordedEvent], bool]:
    """Return whether the caller may see an event: its record is read with the permission of its resource."""
    permissions = _read_permissions(service.NAME, service.modules)

    def is_readable(recorded: RecordedEvent) -> bool:
        aggregate = recorded.type.rpartition(".")[0]
        permission = permissions.get(aggregate) or _permission_in_module(service.NAME, aggregate)
        return is_permitted(permission, caller.permissions)

    return is_readable


@lru_cache
def _read_permissions(service: str, modules: tuple[Module, ...]) -> Mapping[str, str]:
    """Return the permission with which the records of each aggregate that has a resource are read."""
    return {
        each.record_commands.rows.aggregate_class.NAME: each.read_permission(service)
        for module in modules
        for each in cast("tuple[Resource, ...]", module.all_resources)
        if each.record_commands.rows
    }


@lru_cache
def _permission_in_module(service: str, aggregate: str) -> str:
    """Return the permission for an aggregate without a resource: that of the module which has its class."""
    found = TYPES_BY_NAME.get(aggregate)
    _, _, module, *_ = (*(found.__module__ if found else "").split("."), "", "")
    return f"{service}.{module}:read"
