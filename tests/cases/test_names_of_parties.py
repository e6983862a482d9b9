"""Statements name customers and suppliers, and the journal names documents, as people know them."""

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago


@pytest.fixture
def trade(desk: Desk) -> dict[str, Row]:
    """Ten lamps bought of LUMEN, six billed, four sold to ATLAS and part paid."""
    desk.stock_up("LAMP")
    supplier = desk.supplier(code="LUMEN", name="Lumen Works")
    customer = desk.customer(code="ATLAS", name="Atlas Books")
    order = desk.purchase(supplier, ("LAMP", "10", "5.00"))
    desk.receive(order, ("LAMP", "10"))
    line = {"sku": "LAMP", "quantity": "6", "unit_price": usd("5.00")}
    bill = {"supplier_id": supplier, "number": "R-17", "purchase_order_id": order["id"], "billed_on": days_ago(0)}
    owed = desk.done("/erp/bills", {**bill, "lines": [line]})
    desk.dispatch(desk.order(customer, ("LAMP", "4", "9.00")))
    [invoice] = desk.rows("/erp/invoices")
    paid = [{"document_id": invoice["id"], "amount": usd("16.00")}]
    payment = desk.done("/erp/payments", {
        "direction": "in", "party_id": customer, "paid_on": days_ago(0), "amount": usd("16.00"), "allocations": paid,
    })  # fmt: skip
    return {"customer": {"id": customer}, "supplier": {"id": supplier}, "bill": owed, "invoice": invoice,
            "payment": payment, "order": order}  # fmt: skip


@pytest.mark.case("A9")
@pytest.mark.parametrize(
    ("statement", "prefix", "party"),
    [
        ("receivables-aging", "customer", ("ATLAS", "Atlas Books")),
        ("payables-aging", "supplier", ("LUMEN", "Lumen Works")),
        ("goods-received-not-invoiced", "supplier", ("LUMEN", "Lumen Works")),
        ("general-ledger?account=1200&by=party", "party", ("ATLAS", "Atlas Books")),
        ("general-ledger?account=2000&by=party", "party", ("LUMEN", "Lumen Works")),
    ],
)
def test_a_statement_shows_code_and_name_next_to_the_id(
    desk: Desk, trade: dict[str, Row], statement: str, prefix: str, party: tuple[str, str]
) -> None:
    [row] = desk.rows(f"/erp/{statement}")
    assert (row[f"{prefix}_code"], row[f"{prefix}_name"]) == party
    names = list(row)
    place = names.index(f"{prefix}_code")
    assert names[place - 1 : place + 2] in (
        [f"{prefix}_id", f"{prefix}_code", f"{prefix}_name"], ["party", "party_code", "party_name"],
    )  # fmt: skip


@pytest.mark.case("A9")
def test_a_renamed_party_has_its_new_name_in_statements(desk: Desk, trade: dict[str, Row]) -> None:
    for path, name in (("/crm/customers", "Atlas & Sons"), ("/srm/suppliers", "Lumen GmbH")):
        [row] = desk.rows(path)
        changed = desk.send("PATCH", f"{path}/{row['id']}", {"name": name}, **{"If-Match": f'"{row["version"]}"'})
        assert changed.status_code == 200, changed.text
    assert desk.rows("/erp/receivables-aging")[0]["customer_name"] == "Atlas & Sons"
    assert desk.rows("/erp/payables-aging")[0]["supplier_name"] == "Lumen GmbH"


@pytest.mark.case("A9")
def test_an_account_without_parties_shows_none(desk: Desk, trade: dict[str, Row]) -> None:
    [row] = desk.rows("/erp/general-ledger?account=1400")
    assert (row["party"], row["party_code"], row["party_name"]) == (None, None, None)


@pytest.mark.case("A9")
@pytest.mark.parametrize(
    ("document", "number", "accounts"),
    [("invoice", "1", ["1200", "4000"]), ("bill", "R-17", ["2100", "2000"]), ("payment", None, ["1000", "1200"])],
)
def test_the_journal_is_filtered_by_a_document_and_shows_its_number(
    desk: Desk, trade: dict[str, Row], document: str, number: str | None, accounts: list[str]
) -> None:
    lines = desk.rows(f"/erp/journal?document={trade[document]['id']}")
    assert [each["account"] for each in lines] == accounts
    assert {each["document_number"] for each in lines} == {number}
    assert number is None or lines == desk.rows(f"/erp/journal?document_number={number}")


@pytest.mark.case("A9")
def test_the_journal_shows_the_text_of_an_entry_and_of_its_reversal(desk: Desk) -> None:
    lines = [{"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]
    entry = desk.done("/erp/journal-entries", {"posted_on": days_ago(0), "text": "Rent May", "lines": lines})
    desk.done(f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "June"})
    assert [each["text"] for each in desk.rows("/erp/journal")] == ["Rent May", "Rent May", "June", "June"]
