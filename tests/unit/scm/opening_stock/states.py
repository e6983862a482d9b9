"""Opening stock in each of its states, and calls of its commands."""

from datetime import date
from decimal import Decimal

from services.scm.opening_stock.domain.opening_stock import OpeningStock, OpeningStockLine, Status
from shared.money import Money
from shared.testing import given
from tests.unit.state_examples import StateExamples

CHAI = (OpeningStockLine("CHAI", Decimal(10), Money("40.00", "USD")),)


def an_opening_stock() -> OpeningStock:
    return given(OpeningStock("MAIN", date(1996, 7, 1), CHAI))


def requested(opening: OpeningStock) -> None:
    opening.reverse("mistyped", "margaret")


def reverse(opening: OpeningStock) -> None:
    opening.reverse("mistyped", "laura")


OPENING_STOCK = StateExamples(
    in_state={
        Status.RECORDED: an_opening_stock,
        Status.REVERSED: lambda: given(an_opening_stock(), requested, reverse),
    },
    commands={"reverse": reverse},
)

EXAMPLES = {OpeningStock: OPENING_STOCK}
