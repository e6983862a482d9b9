"""Master data of shipping."""

from dataclasses import dataclass

from shared.fields import Code, Phone, Text
from shared.master_data import master


@dataclass(frozen=True, kw_only=True)
class CarrierEntry:
    """A company that delivers goods to customers; the phone number is the company's, so it is no personal data."""

    code: Code
    name: Text
    phone: Phone | None = None


carriers = master(CarrierEntry, path="carriers", search=("code", "name"))
