"""Rule on business dates: nothing is dated before what it continues or reverses."""

from datetime import date

from shared.domain.errors import InvalidInput


class DatedBefore(InvalidInput):
    """Raised when a document or a command is dated before what it continues or reverses."""


def require_not_before(day: date | None, earliest: date | None, what: str, field: str) -> None:
    """Require that a day is not before that of what it continues, if both are known.

    Raises DatedBefore, naming both and `field`.
    """
    if day is not None and earliest is not None and day < earliest:
        raise DatedBefore(f"must not be before {earliest}, the date of {what}", field=field)
