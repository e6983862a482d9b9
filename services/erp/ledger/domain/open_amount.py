"""Open amounts of documents."""

from shared.domain import DomainError, InvalidInput
from shared.money import Money


class ExceedsOpenAmount(DomainError):
    """Raised when more than the open amount is to be settled."""


def require_within_open_amount(document: str, still_open: Money, amount: Money) -> None:
    """Raise ExceedsOpenAmount if the amount exceeds the open one, InvalidInput if it is in another currency."""
    if amount.currency != still_open.currency:
        raise InvalidInput(f"amount must be in {still_open.currency}, the currency of {document}", field="amount")
    if amount > still_open:
        raise ExceedsOpenAmount(f"{document} has {still_open} open: {amount} is too much", field="amount")
