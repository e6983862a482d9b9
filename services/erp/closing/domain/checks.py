"""Checks of an accounting period before it is closed."""

from collections.abc import Sequence
from enum import StrEnum

from shared.domain import DomainError, value_object
from shared.money import Money


class CheckKind(StrEnum):
    """What a check compares or counts, as of the last day of the period."""

    STOCK = "stock"
    RECEIVABLES = "receivables"
    PAYABLES = "payables"
    GOODS_RECEIVED_NOT_INVOICED = "goods_received_not_invoiced"
    BLOCKED_SUPPLIER_INVOICES = "blocked_supplier_invoices"
    UNALLOCATED_CREDIT = "unallocated_credit"
    OTHER_CURRENCIES = "other_currencies"
    PARKED_MESSAGES = "parked_messages"


COMPARED = {
    CheckKind.STOCK: "the value of stock",
    CheckKind.RECEIVABLES: "what customers owe",
    CheckKind.PAYABLES: "what is owed to suppliers",
    CheckKind.GOODS_RECEIVED_NOT_INVOICED: "goods received not invoiced line by line",
}
"""What the balance of an account is compared with, in words."""


class ChecksFailed(DomainError):
    """Raised when a period is to be closed although a check of it failed."""


@value_object
class Check:
    """One check: whether it holds, its figure, what is expected, and the records or currencies it is about."""

    check: CheckKind
    ok: bool
    figure: Money
    expected: Money | None = None
    rows: tuple[str, ...] = ()
    detail: str = ""


def compare(kind: CheckKind, figure: Money, expected: Money) -> Check:
    """Return the check that the balance of an account is the sum of what it consists of."""
    is_equal = figure == expected
    detail = "" if is_equal else f"the account has {figure}, but {COMPARED[kind]} comes to {expected}"
    return Check(kind, is_equal, figure, expected, (), detail)


def require_nothing(kind: CheckKind, figure: Money, rows: Sequence[str], detail: str) -> Check:
    """Return the check that there is nothing of a kind; `detail` explains what is there."""
    return Check(kind, not rows, figure, None, tuple(rows), detail if rows else "")


def show(kind: CheckKind, figure: Money, rows: Sequence[str], detail: str) -> Check:
    """Return a figure that a person looks at before closing; it refuses nothing."""
    return Check(kind, True, figure, None, tuple(rows), detail if rows else "")


def require_checks(period: str, checks: Sequence[Check]) -> None:
    """Require that every check holds. Raises ChecksFailed, which names those that do not and what to do."""
    failed = [each.detail for each in checks if not each.ok]
    if failed:
        remedy = f"Put that right (GET periods/{period}/checks shows the rows), or give override_reason, which a second"
        raise ChecksFailed(f"{period} is not ready to be closed: {'; '.join(failed)}. {remedy} person must confirm.")
