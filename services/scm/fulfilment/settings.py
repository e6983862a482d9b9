"""Settings of the fulfilment module."""

from shared.domain import ServiceSettings, value_object


@value_object
class FulfilmentSettings(ServiceSettings):
    """Warehouse of orders that name none."""

    default_warehouse: str | None = None
