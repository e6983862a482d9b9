"""Fulfilments in each of their states, and calls of their commands."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.fulfilment.domain.customer_order import Amendment, CustomerOrder
from services.scm.fulfilment.domain.fulfilment import Fulfilment, Status
from services.scm.items.domain.goods import GoodsLine
from shared.testing import given
from tests.unit.state_examples import StateExamples

CHAI = (GoodsLine(1, "CHAI", Decimal(10)),)
ORDER = CustomerOrder(UUID(int=7), date(1996, 7, 4), None, "MAIN", True, CHAI)


def a_fulfilment(*steps: Callable[[Fulfilment], object]) -> Callable[[], Fulfilment]:
    return lambda: given(Fulfilment(UUID(int=1)), lambda fulfilment: fulfilment.order_placed(ORDER), *steps)


def amend(fulfilment: Fulfilment) -> None:
    fulfilment.amend(Amendment(2, CHAI, date(1996, 8, 1), only_before_dispatch=False))


def refuse(fulfilment: Fulfilment) -> None:
    fulfilment.refuse("unknown_warehouse")


def start(fulfilment: Fulfilment) -> None:
    fulfilment.start("MAIN", CHAI)


def add_reserved(fulfilment: Fulfilment) -> None:
    fulfilment.add_reserved(CHAI)


def add_missing(fulfilment: Fulfilment) -> None:
    fulfilment.add_missing(CHAI)


def ship(fulfilment: Fulfilment) -> None:
    fulfilment.ship(CHAI)


def cancel(fulfilment: Fulfilment) -> None:
    fulfilment.cancel("changed their mind")


FULFILMENTS = StateExamples(
    in_state={
        Status.WAITING: a_fulfilment(),
        Status.IN_PROGRESS: a_fulfilment(start),
        Status.SHIPPED: a_fulfilment(start, ship),
        Status.CANCELLED: a_fulfilment(cancel),
        Status.REJECTED: a_fulfilment(refuse),
    },
    commands={
        "amend": amend, "refuse": refuse, "start": start, "add_reserved": add_reserved, "add_missing": add_missing,
        "ship": ship,
    },
)  # fmt: skip

EXAMPLES = {Fulfilment: FULFILMENTS}
