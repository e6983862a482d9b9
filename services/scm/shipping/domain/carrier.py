"""Carrier: a company that delivers goods to customers."""

from shared.domain import Aggregate, event

CARRIER_CODE = "carrier.code"
"""Namespace in which a code identifies one carrier."""


class Carrier(Aggregate):
    """A carrier identified by its code; the phone number is the company's, so it is no personal data."""

    @event("Registered")
    def __init__(self, code: str, name: str, phone: str | None) -> None:
        self.code = code
        self.name = name
        self.phone = phone
