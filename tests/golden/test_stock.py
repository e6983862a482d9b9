"""Known numbers of stock, from other projects' test suites and bug reports."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from services.scm.policies import hold_what_was_ordered
from shared.contracts import crm, scm
from shared.testing.services import hear
from tests.unit.scm.examples import a_warehouse, an_order, approved, listening, stock_of

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"


def golden(case: str) -> dict[str, Any]:
    """The case, or a skip where the numbers are not at hand."""
    file = GOLDEN / f"{case}.json"
    if not file.is_file():
        pytest.skip(f"the golden case {case} is not beside the project")
    known: dict[str, Any] = json.loads(file.read_text())
    return known


def test_parallel_reservations_never_exceed_stock(tmp_path):
    case = golden("conc-01")
    asked, expected = case["input"], case["expected"]
    service = a_warehouse(tmp_path, CHAI=asked["on_hand"])
    orders = [an_order(("CHAI", asked["qty_each"]), backorder="refuse") for _ in range(asked["parallel_requests"])]
    hear(service, *orders)
    said = listening(service)
    together = Barrier(len(orders))

    def credit_arrives(order: crm.SalesOrderPlaced) -> None:
        together.wait()
        service.run(lambda: service.save(*hold_what_was_ordered(approved(order), service._work)))

    with ThreadPoolExecutor(len(orders)) as everyone:
        list(everyone.map(credit_arrives, orders))
    answers = said()
    assert sum(isinstance(each, scm.StockReserved) for each in answers) == expected["accepted"]
    assert sum(isinstance(each, scm.OrderRefused) for each in answers) == expected["refused"]
    assert stock_of(service, "CHAI")["reserved"] == str(expected["reserved"])
