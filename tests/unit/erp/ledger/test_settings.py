"""Settings that the ledger protects."""

from pathlib import Path

from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import an_erp, receive_stock


def test_the_base_currency_is_fixed_after_the_first_posting(tmp_path: Path):
    service = an_erp(tmp_path)
    client = create_erp_client(service)
    seen = client.get("/settings").headers["ETag"]
    changed = client.patch("/settings", json={"base_currency": "EUR"}, headers={"If-Match": seen})
    assert (changed.status_code, changed.json["base_currency"]) == (200, "EUR")
    assert create_erp_client(service).get("/trial-balance").json["totals"]["debit"]["currency"] == "EUR"
    receive_stock(service, ("CHAI", "1", "1.00"))
    seen = client.get("/settings").headers["ETag"]
    refused = client.patch("/settings", json={"base_currency": "USD"}, headers={"If-Match": seen})
    assert (refused.status_code, refused.json["code"]) == (409, "base_currency_fixed")
    assert client.get("/settings").json["base_currency"] == "EUR"
