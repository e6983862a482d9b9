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


OWN_KEY = "gateway.access:own"
"""Permission to accept and rotate one's own keys; the command compares the person. Auditors change nothing."""

PERMISSIONS: Mapping[Role, tuple[str, ...]] = {
    Role.ADMIN: ("*",),
    Role.SALES: (
        "crm.*:read*", "crm.*:write", "crm.customers:assign", "scm.stock:read", "erp.receivables:read_invoices",
        "gateway.views:read", OWN_KEY,
    ),
    Role.REPRESENTATIVE: (
        "crm.customers:read", "crm.customers:write", "crm.insight:read", "crm.sales_orders:read",
        "crm.sales_orders:write", "gateway.views:read", OWN_KEY,
    ),
    Role.BUYER: ("srm.*:read", "srm.*:write", "scm.*:read", OWN_KEY),
    Role.WAREHOUSE: ("scm.*:read", "scm.*:write", OWN_KEY),
    Role.ACCOUNTANT: (
        "crm.*:read*", "srm.*:read*", "scm.*:read*", "erp.*:read*", "erp.*:write", "gateway.views:read",
        "gateway.operations:read_lag", OWN_KEY,
    ),
    Role.HR: (OWN_KEY,),
    Role.AUDITOR: ("*:read*",),
}  # fmt: skip

ROLES = tuple(Role)

OWN_RECORDS_ONLY = frozenset({Role.REPRESENTATIVE})
"""Roles that are limited to the caller's own records in every service."""


@cache
def roles_with(permission: str) -> frozenset[Role]:
    """Return the roles that have a permission."""
    return frozenset(role for role in PERMISSIONS if is_permitted(permission, _patterns([role])))


class GrantedPatterns(NamedTuple):
    """Patterns of the permissions that roles have in one service: on all records, and on the caller's own only."""

    permissions: tuple[str, ...]
    own_permissions: tuple[str, ...]


@cache
def patterns_of(roles: frozenset[str], service: str) -> GrantedPatterns:
    """Return the patterns that these roles have in a service."""
    everywhere = patterns_for(service, _patterns(roles - OWN_RECORDS_ONLY))
    own = patterns_for(service, _patterns(roles & OWN_RECORDS_ONLY))
    return GrantedPatterns(everywhere, tuple(each for each in own if each not in everywhere))


def _patterns(roles: Collection[str]) -> list[str]:
    return [pattern for role, patterns in PERMISSIONS.items() if role in roles for pattern in patterns]
