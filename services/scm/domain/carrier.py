"""Carrier: who takes goods to customers."""

from shared.domain import Aggregate, event

CARRIER_CODE = "carrier.code"
"""Under this name a code belongs to one carrier."""


class Carrier(Aggregate):
    """A forwarder by its code; the phone number is the company's."""

    @event("Registered")
    def __init__(self, code: str, name: str, phone: str | None) -> None:
        self.code = code
        self.name = name
        self.phone = phone
