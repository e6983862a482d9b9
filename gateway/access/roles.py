"""Roles of access keys, each a set of permissions. `docs/surface.md` lists what each role may read and change.

A permission is `<service>.<module>:<verb>`; a role has all permissions that match one of its patterns.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from shared.permissions import is_permitted, patterns_for


class Role(StrEnum):
    """The work of a caller, which decides what they may read and change."""

    ADMIN = "admin"
    SALES = "sales"
    REPRESENTATIVE = "representative"
    BUYER = "buyer"
    WAREHOUSE = "warehouse"
    ACCOUNTANT = "accountant"
    HR = "hr"
    AUDITOR = "auditor"
    MONITOR = "monitor"


OWN_KEY = "gateway.access:own"
"""Permission to accept and rotate one's own keys; the command compares the person. Auditors change nothing."""

READ_ME = "gateway.me:read"
"""Permission to read what one's own key allows."""
OF_EVERYONE = (OWN_KEY, READ_ME)

GOODS = ("scm.items:read", "scm.warehousing:read", "scm.stock:read")
"""What sellers read of the goods that they sell: items, warehouses and stock."""

PERMISSIONS: Mapping[Role, tuple[str, ...]] = {
    Role.ADMIN: ("*",),
    Role.SALES: (
        "crm.*:read*", "crm.*:write", "crm.customers:assign", "crm.customers:erase", *GOODS,
        "erp.receivables:read_invoices", "gateway.views:read", *OF_EVERYONE,
    ),
    Role.REPRESENTATIVE: (*GOODS, *OF_EVERYONE),
    Role.BUYER: ("srm.*:read", "srm.*:write", "srm.suppliers:erase", "scm.*:read", *OF_EVERYONE),
    Role.WAREHOUSE: ("scm.*:read", "scm.*:write", *OF_EVERYONE),
    Role.ACCOUNTANT: (
        "crm.*:read*", "srm.*:read*", "scm.*:read*", "erp.*:read*", "erp.*:write", "gateway.views:read",
        "gateway.operations:read_lag", *OF_EVERYONE,
    ),
    Role.HR: OF_EVERYONE,
    Role.AUDITOR: ("*:read*",),
    Role.MONITOR: ("gateway.operations:read_lag", "gateway.operations:read_metrics", *OF_EVERYONE),
}  # fmt: skip

ROLES = tuple(Role)

OWN_PERMISSIONS: Mapping[Role, tuple[str, ...]] = {
    Role.REPRESENTATIVE: (
        "crm.customers:read", "crm.customers:write", "crm.insight:read", "crm.sales_orders:read",
        "crm.sales_orders:write", "gateway.views:read",
    ),
}  # fmt: skip
"""Permissions that a role has on the caller's own records only."""


@cache
def roles_with(permission: str) -> frozenset[Role]:
    """Return the roles that have a permission, on all records or on the caller's own only."""
    return unlimited_roles_with(permission) | _roles_with(permission, OWN_PERMISSIONS)


@cache
def unlimited_roles_with(permission: str) -> frozenset[Role]:
    """Return the roles that have a permission on all records."""
    return _roles_with(permission, PERMISSIONS)


def _roles_with(permission: str, table: Mapping[Role, tuple[str, ...]]) -> frozenset[Role]:
    return frozenset(role for role, patterns in table.items() if is_permitted(permission, patterns))


class GrantedPatterns(NamedTuple):
    """Patterns of the permissions that roles have in one service: on all records, and on the caller's own only."""

    permissions: tuple[str, ...]
    own_permissions: tuple[str, ...]


@cache
def patterns_of(roles: frozenset[str], service: str) -> GrantedPatterns:
    """Return the patterns that these roles have in a service."""
    everywhere = patterns_for(service, _patterns(roles, PERMISSIONS))
    own = patterns_for(service, _patterns(roles, OWN_PERMISSIONS))
    return GrantedPatterns(everywhere, tuple(each for each in own if each not in everywhere))


def _patterns(roles: Collection[str], table: Mapping[Role, tuple[str, ...]]) -> list[str]:
    return [pattern for role, patterns in table.items() if role in roles for pattern in patterns]
