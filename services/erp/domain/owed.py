"""What of a document is still to be paid."""

from shared.domain import InvalidInput, Refused
from shared.money import Money


class MoreThanOpen(Refused):
    """Nothing can be settled beyond what is still open."""


def require_open(document: str, still_open: Money, amount: Money) -> None:
    """This much of the document can be settled. Refused with MoreThanOpen, or InvalidInput in another currency."""
    if amount.currency != still_open.currency:
        raise InvalidInput(f"{document} is in {still_open.currency}", field="amount")
    if amount > still_open:
        raise MoreThanOpen(f"{document} has {still_open} open, not {amount}", field="amount")
