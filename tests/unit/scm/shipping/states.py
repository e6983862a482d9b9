"""Shipments in each of their states, and calls of their commands."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.goods import GoodsLine
from services.scm.shipping.domain.shipment import DispatchDetails, Shipment, Status
from shared.testing import end_of, given
from tests.unit.state_examples import StateExamples

DAY = date(1996, 7, 16)
CHAI = (GoodsLine(1, "CHAI", Decimal(10)),)


def a_shipment() -> Shipment:
    return given(Shipment(UUID(int=1), 1, UUID(int=2), "MAIN", CHAI, date(1996, 7, 4)))


def add(shipment: Shipment) -> None:
    shipment.add(CHAI)


def dispatch(shipment: Shipment) -> None:
    shipment.dispatch(CHAI, DAY, end_of(DAY), DispatchDetails(), complete=True)


def remove(shipment: Shipment) -> None:
    shipment.remove(CHAI, whole=False)


SHIPMENTS = StateExamples(
    in_state={
        Status.OPEN: a_shipment,
        Status.DISPATCHED: lambda: given(a_shipment(), dispatch),
        Status.CANCELLED: lambda: given(a_shipment(), Shipment.cancel),
    },
    commands={"add": add, "dispatch": dispatch, "remove": remove, "cancel": Shipment.cancel},
)

EXAMPLES = {Shipment: SHIPMENTS}
