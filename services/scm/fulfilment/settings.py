"""Settings of the fulfilment module."""

from typing import Annotated

from shared.domain import ServiceSettings, value_object
from shared.fields import Code, Lookup


@value_object
class FulfilmentSettings(ServiceSettings):
    """Settings of the fulfilment module: the warehouse of orders that name none."""

    default_warehouse: Annotated[Code, Lookup("scm.warehouses", "code")] | None = None
