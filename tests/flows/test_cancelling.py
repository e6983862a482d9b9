"""A cancellation races the goods: the order is cancelled or shipped, never both, in any order of the events."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import DomainError
from tests.flows.selling_firm import SellingFirm

TURNS = st.permutations(["cancel", "dispatch a part", "dispatch", *["deliver"] * 6])


@settings(max_examples=20, deadline=None)
@given(TURNS, st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_what_is_stopped_never_leaves_and_what_has_left_is_not_stopped(turns: list[str], choices: list[int]) -> None:
    with TemporaryDirectory() as folder:
        firm = SellingFirm(Path(folder), limit="1000.00", CHAI=10)
        order = firm.order(freight="5.00", CHAI=(10, "10.00"))
        firm.services.deliver_all()
        chosen = iter(choices)
        for turn in turns:
            if turn == "deliver":
                firm.services.deliver_one(next(chosen))
            else:
                _attempt(firm, order, turn)
        firm.services.deliver_all()
        _either_or(firm, order)
        firm.close()


def _attempt(firm: SellingFirm, order: UUID, turn: str) -> None:
    try:
        if turn == "cancel":
            firm.crm.sales_orders.cancel(order, "changed their mind")
        elif firm.open_shipment(order):
            firm.dispatch(order, **({"CHAI": 4} if turn == "dispatch a part" else {}))
    except DomainError:
        return


def _either_or(firm: SellingFirm, order: UUID) -> None:
    (ordered, reserved, shipped, invoiced), status = firm.progress(order)["CHAI at 10.00"], firm.shown(order)["status"]
    assert firm.parked() == 0
    assert (ordered, reserved, shipped) == ("10", "0", invoiced)
    assert status == ("cancelled" if shipped == "0" else "invoiced")
    assert firm.stock("CHAI") == {
        "on_hand": str(10 - int(shipped)), "reserved": "0", "available": str(10 - int(shipped)), "backordered": "0"
    }  # fmt: skip
    owed = 0 if shipped == "0" else 5 + 10 * int(shipped)
    assert firm.exposure == f"{owed}.00"
    assert sum(float(each) for each in firm.totals(order)) == owed
