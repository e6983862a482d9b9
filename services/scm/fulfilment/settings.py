"""Settings of the fulfilment module."""

from shared.domain import ServiceSettings, value_object
from shared.fields import Code


@value_object
class FulfilmentSettings(ServiceSettings):
    """Settings of the fulfilment module: the warehouse of orders that name none."""

    default_warehouse: Code | None = None
