"""The firm's base currency, in which amounts of requests must be as long as there are no exchange rates."""

from flask import current_app, has_app_context

from shared.domain.amounts import other_currency_detail


def not_in_base_currency(currency: str) -> str:
    """Return why an amount in this currency is refused; nothing in the base currency, or outside a service.

    Raises FirmUnknown before the service has received the firm.
    """
    service = current_app.extensions.get("service") if has_app_context() else None
    return other_currency_detail(currency, service.runner.firm.current.base_currency) if service else ""
