"""The base currency of the ledger, fixed by the first posting."""

from shared.domain import DomainError


class BaseCurrencyFixed(DomainError):
    """Raised when the base currency is to be changed after the first posting or closing."""
