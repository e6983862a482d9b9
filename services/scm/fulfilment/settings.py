"""Settings of the fulfilment module."""

from shared.domain import ServiceSettings, value


@value
class FulfilmentSettings(ServiceSettings):
    """Warehouse of orders that name none."""

    default_warehouse: str | None = None
