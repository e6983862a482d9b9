"""The erasure of a person leaves no clear text in any file and changes no other record."""

from pathlib import Path

import pytest

from tests.faults.invariants import check_all, sizes
from tests.faults.trade import SKUS, TradeScenario
from tests.running_suite import RunningSuite, wait_until

HOME = {"street": "Quastengasse 17", "city": "Zwirbelhausen", "region": "Hinterquast", "postal_code": "QZ-40417"}
PARCEL_SHOP = {"name": "Leopold Schnurrbart", "street": "Fernweh 3", "city": "Unterzwirbel"}
OWN = {"email": "office@quast.example.com", "phone": "+49 30 555 7744", "tax_id": "DE136695976"}
PERSON = {
    "name": "Wilhelmina Quastenflosser",
    "title": "Zebrafinkwartin",
    "email": "wilhelmina.quastenflosser@example.com",
    "phone": "+49 30 555 0123987",
}


def files_that_contain(home: Path, texts: list[str]) -> list[str]:
    """Return every file of the suite that contains one of the texts unencrypted."""
    needles = [text.encode() for text in texts]
    return [
        str(file.relative_to(home))
        for file in home.rglob("*")
        if file.is_file() and any(needle in file.read_bytes() for needle in needles)
    ]


def test_after_erasing_no_clear_text_of_the_person_is_left(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    body = {"code": "QUAST", "name": "Quast GmbH", "currency": "USD", "contacts": [PERSON]}
    customer = day.trader.command("crm", "customers", "quast", body)
    [contact] = customer["contacts"]
    assert contact["name"] == PERSON["name"]
    with suite.client as client:
        replay = client.post("/crm/customers", json=body, headers={"Idempotency-Key": "quast"}).json()
        assert replay["contacts"] == [contact]
    day.dispatch(day.place(range(10)))
    suite.wait_until_idle()
    before = sizes(suite.home)

    path = f"customers/{customer['id']}/contacts/{contact['id']}/erase"
    for again in ("erase", "erase again"):
        day.trader.command("crm", path, again)
    suite.wait_until_idle()

    assert files_that_contain(suite.home, list(PERSON.values())) == []
    assert sizes(suite.home) == {**before, "crm": before["crm"] + 1}
    with suite.client as client:
        shown = client.get(f"/crm/customers/{customer['id']}").json()
        assert [each["name"] for each in shown["contacts"]] in ([], [None])
        assert PERSON["name"] not in client.get("/crm/customers?limit=200").text
        assert PERSON["name"] not in client.get("/audit/crm/events?limit=1000").text
        replay = client.post("/crm/customers", json=body, headers={"Idempotency-Key": "quast"})
        assert PERSON["name"] not in replay.text
    wait_until(lambda: suite.lag()["quiet"], 120, "quiet")
    check_all(suite, day.trader)


@pytest.mark.case("X12")
def test_after_erasing_a_customer_no_clear_text_of_it_or_its_orders_is_left(suite: RunningSuite) -> None:
    trader = TradeScenario(suite).trader
    addresses = [{"kind": "billing", "country": "DE", **HOME}]
    body = {"code": "QUAST2", "name": "Quast", "currency": "USD", "contacts": [PERSON], "addresses": addresses, **OWN}
    customer = trader.command("crm", "customers", "quast 2", body)
    line = {"sku": SKUS[0], "quantity": "1", "unit_price": {"amount": "5.00", "currency": "USD"}}
    order = {
        "customer_id": customer["id"],
        "currency": "USD",
        "lines": [line],
        "ship_to": PARCEL_SHOP | {"country": "AT"},
    }
    drafted = trader.command("crm", "sales-orders", "draft", order)
    trader.command("crm", f"sales-orders/{drafted['id']}/place", "place")
    suite.wait_until_idle()
    assert drafted["ship_to"].items() >= PARCEL_SHOP.items()

    trader.command("crm", f"customers/{customer['id']}/erase", "erase all")
    suite.wait_until_idle()

    texts = [*HOME.values(), *PARCEL_SHOP.values(), *OWN.values(), *PERSON.values()]
    assert files_that_contain(suite.home, texts) == []
    with suite.client as client:
        replayed = client.post("/crm/sales-orders", json=order, headers={"Idempotency-Key": "draft"})
        read = [client.get(path).text for path in ("/crm/sales-orders", "/crm/customers", "/scm/shipments")]
    assert [text for text in texts for answer in (replayed.text, *read) if text in answer] == []
