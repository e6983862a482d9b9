"""Rules of the firm on values of requests: its base currency, and how far ahead of today a document may be dated."""

from datetime import UTC, date, datetime, timedelta

from flask import current_app, has_app_context

from shared.domain import Firm
from shared.domain.amounts import other_currency_detail


def not_in_base_currency(currency: str) -> str:
    """Return why an amount in this currency is refused; nothing in the base currency, or outside a service.

    Raises FirmUnknown before the service has received the firm.
    """
    firm = _firm_or_none()
    return other_currency_detail(currency, firm.base_currency) if firm else ""


def dated_too_far_ahead(day: date) -> str:
    """Return why a document of this date is refused; nothing if it is near enough, or outside a service.

    Raises FirmUnknown before the service has received the firm.
    """
    firm = _firm_or_none()
    if firm is None or day <= (latest := firm.date_of(datetime.now(UTC)) + timedelta(days=firm.days_ahead)):
        return ""
    return f"must not be after {latest}: days_ahead of the firm is {firm.days_ahead}"


def _firm_or_none() -> Firm | None:
    service = current_app.extensions.get("service") if has_app_context() else None
    return service.runner.firm.current if service else None
