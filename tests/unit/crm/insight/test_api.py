"""Timelines over HTTP."""

import pytest

from tests.unit.crm.caller import CrmCaller, a_customer, an_order


@pytest.fixture
def crm(tmp_path):
    return CrmCaller(tmp_path)


def test_a_timeline_is_a_list_of_one_customers_rows(crm):
    customer, other = (crm.post("/customers", a_customer(code=code)).json for code in ("A", "B"))
    for each in (customer, other, customer):
        order = crm.post("/sales-orders", an_order(each["id"])).json
        crm.post(f"/sales-orders/{order['id']}/place", {"effective_on": "1996-07-04"})
    page = crm.get(f"/customers/{customer['id']}/timeline?limit=3").json
    rest = crm.get(f"/customers/{customer['id']}/timeline?limit=3&cursor={page['next_cursor']}").json
    entries = page["data"] + rest["data"]
    assert (len(page["data"]), page["has_more"], rest["has_more"]) == (3, True, False)
    assert [row["what"] for row in entries] == ["drafted", "placed", "drafted", "placed"]
    assert {row["customer_id"] for row in entries} == {customer["id"]}
    assert [row["happened_on"] for row in entries if row["what"] == "placed"] == ["1996-07-04"] * 2
