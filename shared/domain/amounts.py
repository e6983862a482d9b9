"""Rules on the amounts of a record: one currency, and totals that can be stored."""

from decimal import Decimal

from shared.domain.errors import InvalidInput
from shared.money import Money, UnitPrice

MAX_AMOUNT = Decimal(10) ** 15


class ForeignCurrency(InvalidInput):
    """Raised when an amount is in another currency than its record."""


class OtherThanBaseCurrency(InvalidInput):
    """Raised when a document is in another currency than the base currency: there are no exchange rates yet."""


def other_currency_detail(currency: str, base_currency: str) -> str:
    """Return why a price or a document in this currency is refused, and what to do; nothing for the base currency."""
    if currency == base_currency:
        return ""
    return (
        f"must be in {base_currency}, the firm's base currency, not in {currency}: documents in other currencies come"
        " with exchange rates, which are not available yet"
    )


def require_base_currency(currency: str, base_currency: str, field: str) -> None:
    """Require that a document is in the firm's base currency. Raises OtherThanBaseCurrency, naming `field`."""
    if detail := other_currency_detail(currency, base_currency):
        raise OtherThanBaseCurrency(detail, field=field)


class AmountTooLarge(InvalidInput):
    """Raised when the total of a record is too large to be stored: more than 15 digits."""


def require_amount_in_currency(currency: str, amount: Money | UnitPrice | None, field: str) -> None:
    """Require that the amount, if given, is in this currency. Raises ForeignCurrency, naming `field`."""
    if amount is not None and amount.currency != currency:
        raise ForeignCurrency(f"{amount} must be in {currency}", field=field)


def is_within_maximum(total: Money) -> bool:
    """Return whether a total has at most 15 digits."""
    return total.amount < MAX_AMOUNT


def require_total_of_lines_within_maximum(total: Money) -> None:
    """Require that the total of the lines has at most 15 digits. Raises AmountTooLarge."""
    if not is_within_maximum(total):
        raise AmountTooLarge("the total of the lines must have at most 15 digits", field="lines")
