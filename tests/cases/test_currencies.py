"""Kinds 2, 8 and 16: amounts in other currencies are refused by name, and what exists in them is never left out."""

from uuid import uuid4

import pytest

from tests.cases.desk import Desk, days_ago, pointers
from tests.unit.erp.examples import a_purchase, a_receipt, deliver

EUR = {"amount": "10.00", "currency": "EUR"}
"""The base currency of the firm is USD."""


@pytest.fixture
def partners(desk: Desk) -> dict[str, str]:
    desk.stock_up("LAMP")
    return {
        "supplier": desk.supplier(), "eur_supplier": desk.supplier(currency="EUR"),
        "customer": desk.customer(), "eur_customer": desk.customer(currency="EUR"),
    }  # fmt: skip


@pytest.mark.case("B03", "H1", "A3", "C27")
def test_an_item_cannot_be_bought_in_a_second_currency(desk: Desk, partners: dict[str, str]) -> None:
    desk.receive(desk.purchase(partners["supplier"], ("LAMP", "1", "10.00")), ("LAMP", "1"))
    lines = [{"sku": "LAMP", "quantity": "100", "unit_price": EUR}]
    body = {"supplier_id": partners["eur_supplier"], "currency": "EUR", "warehouse": "MAIN", "lines": lines}
    refused = desk.post("/srm/purchase-orders", body)
    assert pointers(refused) == ["/currency", "/lines/0/unit_price/currency"]
    assert "exchange rates" in refused.json["errors"][0]["detail"]
    assert desk.rows("/srm/purchase-orders?currency=EUR") == []
    assert (desk.on_hand("LAMP"), desk.value("LAMP")) == ("1", ("1", "10.00"))


@pytest.mark.case("B03", "A3")
@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/crm/sales-orders", {"currency": "EUR", "lines": [{"sku": "LAMP", "quantity": "1", "unit_price": EUR}]},
         ["/currency", "/lines/0/unit_price/currency"]),
        ("/crm/sales-orders", {"currency": "USD", "freight": EUR}, ["/freight/currency"]),
        ("/srm/supplier-items", {"sku": "LAMP", "unit_price": EUR, "lead_time_days": 1}, ["/unit_price/currency"]),
        ("/erp/payments", {"direction": "in", "paid_on": "2026-01-31", "amount": EUR, "allocations": []},
         ["/amount/currency"]),
        ("/erp/journal-entries", {"posted_on": "2026-01-31", "text": "Cash", "lines": [
            {"account": "1000", "debit": EUR}, {"account": "6000", "credit": EUR}]},
         ["/lines/0/debit/currency", "/lines/1/credit/currency"]),
        ("/erp/opening-balances", {"posted_on": "2026-01-31", "lines": [{"account": "1000", "amount": EUR}]},
         ["/lines/0/amount/currency"]),
    ],
)  # fmt: skip
def test_no_document_is_taken_in_another_currency(
    desk: Desk, partners: dict[str, str], path: str, body: dict[str, object], pointer: list[str]
) -> None:
    whose = {"customer_id": partners["eur_customer"], "supplier_id": partners["eur_supplier"], "party_id": str(uuid4())}
    wanted = {name: each for name, each in whose.items() if name in desk_fields(path)}
    line = [{"sku": "LAMP", "quantity": "1", "unit_price": {"amount": "1", "currency": "USD"}}]
    needed = {"lines": line} if path == "/crm/sales-orders" else {}
    found = pointers(desk.post(path, {**needed, **wanted, **body}))
    assert [each for each in found if each.endswith("currency")] == pointer


def desk_fields(path: str) -> tuple[str, ...]:
    return {
        "/crm/sales-orders": ("customer_id",), "/srm/supplier-items": ("supplier_id",), "/erp/payments": ("party_id",),
    }.get(path, ())  # fmt: skip


def test_partners_may_have_another_currency(desk: Desk) -> None:
    body = {"code": "ROMA", "name": "Roma", "currency": "EUR", "credit_limit": EUR}
    assert desk.done("/crm/customers", body)["credit_limit"] == EUR


@pytest.mark.case("B18")
def test_an_amount_has_the_decimals_that_iso_4217_gives_its_currency(desk: Desk) -> None:
    limit = {"amount": "150.52", "currency": "RSD"}
    assert (
        desk.done("/crm/customers", {"code": "NIS", "name": "Niš", "currency": "RSD", "credit_limit": limit})[
            "credit_limit"
        ]
        == limit
    )
    yen = {"code": "EDO", "name": "Edo", "currency": "JPY", "credit_limit": {"amount": "150.5", "currency": "JPY"}}
    assert pointers(desk.post("/crm/customers", yen)) == ["/credit_limit/amount"]


@pytest.mark.case("B20")
def test_a_fine_unit_price_counts_in_orders_stock_invoices_and_bills(desk: Desk, partners: dict[str, str]) -> None:
    order = desk.purchase(partners["supplier"], ("LAMP", "1000", "0.89404"))
    assert (order["lines"][0]["unit_price"]["amount"], order["total"]["amount"]) == ("0.89404", "894.04")
    desk.receive(order, ("LAMP", "1000"))
    assert desk.value("LAMP") == ("1000", "894.04")
    billed = [{"sku": "LAMP", "quantity": "1000", "unit_price": {"amount": "0.89404", "currency": "USD"}}]
    bill = {"supplier_id": partners["supplier"], "number": "R-1", "purchase_order_id": order["id"],
            "billed_on": order["ordered_on"], "lines": billed}  # fmt: skip
    posted = desk.done("/erp/bills", bill)
    assert (posted["status"], posted["total"]["amount"]) == ("matched", "894.04")
    sold = desk.order(partners["customer"], ("LAMP", "100", "1.005005"))
    assert desk.sales_order(sold)["total"]["amount"] == "100.50"
    assert desk.dispatch(sold).status_code == 200
    [invoice] = desk.rows("/erp/invoices")
    assert (invoice["total"]["amount"], invoice["lines"][0]["unit_price"]["amount"]) == ("100.50", "1.005005")


@pytest.mark.case("B20")
def test_offers_are_compared_to_the_last_decimal_of_their_prices(desk: Desk, partners: dict[str, str]) -> None:
    for name, price in (("dear", "0.00121"), ("cheap", "0.0012")):
        offer = {"supplier_id": desk.supplier(name=name), "sku": "LAMP", "lead_time_days": 1,
                 "unit_price": {"amount": price, "currency": "USD"}}  # fmt: skip
        desk.done("/srm/supplier-items", offer)
    desk.order(partners["customer"], ("LAMP", "1000", "1.00"))
    [draft] = desk.rows("/srm/purchase-orders?status=draft")
    assert (draft["lines"][0]["unit_price"]["amount"], draft["total"]["amount"]) == ("0.0012", "1.20")
    assert [row["unit_price"]["amount"] for row in desk.rows("/srm/supplier-items?sort=unit_price")] == [
        "0.0012", "0.00121",
    ]  # fmt: skip
    assert len(desk.rows("/srm/supplier-items?unit_price[lt]=0.001205")) == 1


def bought_in_euro(desk: Desk) -> None:
    """Let ERP receive what an earlier version of the suite accepted: goods bought in another currency."""
    sent = a_purchase(("TRAY", "30", "10.00"), currency="EUR")
    deliver(desk.firm.erp, sent, a_receipt(sent, "30"))
    desk.firm.deliver_all()


@pytest.mark.case("A3", "C11")
def test_every_statement_names_what_exists_in_other_currencies(desk: Desk) -> None:
    bought_in_euro(desk)
    amounts = {
        "trial-balance": {"debit": EUR | {"amount": "300.00"}, "credit": EUR | {"amount": "300.00"}},
        "stock-value": {"value": EUR | {"amount": "300.00"}},
        "goods-received-not-invoiced": {"open_value": EUR | {"amount": "300.00"}},
    }
    for statement, totals in amounts.items():
        shown = desk.get(f"/erp/{statement}")
        assert shown["other_currencies"] == [{"currency": "EUR", "totals": totals}], statement
    assert desk.get("/erp/balance-sheet")["other_currencies"][0]["totals"]["assets"] == EUR | {"amount": "300.00"}
    assert desk.get("/erp/general-ledger")["other_currencies"][0]["currency"] == "EUR"
    assert desk.get("/erp/profit-and-loss")["other_currencies"][0]["totals"]["profit"] == EUR | {"amount": "0.00"}
    for statement in ("receivables-aging", "payables-aging"):
        assert desk.get(f"/erp/{statement}")["other_currencies"] == []
    assert desk.get("/erp/trial-balance?currency=EUR")["other_currencies"] == []


def keep_books_in(desk: Desk, currency: str) -> None:
    """Change the base currency of the firm, in force in all services at once."""
    [firm] = desk.rows("/erp/entities")
    changed = desk.send(
        "PATCH", "/erp/entities/main", {"base_currency": currency}, **{"If-Match": f'"{firm["version"]}"'}
    )
    assert changed.status_code == 200, changed.text
    for service in desk.firm.services.values():
        service.runner.firm._cached = None


def line(quantity: str, price: str, currency: str) -> dict[str, object]:
    return {"sku": "LAMP", "quantity": quantity, "unit_price": {"amount": price, "currency": currency}}


@pytest.mark.case("B20", "B18")
@pytest.mark.parametrize(
    ("currency", "quantity", "price", "total"),
    [("JPY", "10", "4.5", "45"), ("KWD", "5", "0.1234", "0.617"), ("BHD", "1", "1.0005", "1.001"),
     ("RSD", "3", "50.1734", "150.52"), ("KRW", "3", "0.333333", "1")],
)  # fmt: skip
def test_a_firm_trades_in_a_currency_of_other_decimals(
    desk: Desk, currency: str, quantity: str, price: str, total: str
) -> None:
    keep_books_in(desk, currency)
    desk.stock_up("LAMP")
    supplier, customer = desk.supplier(currency=currency), desk.customer(currency=currency)
    amount, lines = {"amount": total, "currency": currency}, [line(quantity, price, currency)]
    draft = {"supplier_id": supplier, "currency": currency, "warehouse": "MAIN", "lines": lines}
    order = desk.done("/srm/purchase-orders", draft)
    assert order["total"] == amount
    desk.done(f"/srm/purchase-orders/{order['id']}/send")
    assert desk.receive(order, ("LAMP", quantity)).status_code == 201
    assert desk.value("LAMP") == (quantity, total)
    bill = {"supplier_id": supplier, "number": "R-1", "purchase_order_id": order["id"], "billed_on": days_ago(0)}
    billed = desk.done("/erp/bills", {**bill, "lines": lines})
    assert (billed["status"], billed["total"]) == ("matched", amount)
    sold = desk.done("/crm/sales-orders", {"customer_id": customer, "currency": currency, "lines": lines})
    desk.done(f"/crm/sales-orders/{sold['id']}/place")
    assert desk.dispatch(sold).status_code == 200
    [invoice] = desk.rows("/erp/invoices")
    assert (invoice["total"], desk.balance("1200"), desk.balance("5000")) == (amount, total, total)


@pytest.mark.case("B18")
@pytest.mark.parametrize(
    ("currency", "amount", "taken"),
    [("JPY", "150.5", False), ("JPY", "150.0", True), ("KWD", "1.2345", False), ("KWD", "1.234", True),
     ("HUF", "150.52", True), ("IQD", "0.001", True), ("ISK", "1.5", False), ("COP", "9.99", True)],
)  # fmt: skip
def test_opening_stock_and_entries_have_the_decimals_of_the_currency(
    desk: Desk, currency: str, amount: str, taken: bool
) -> None:
    keep_books_in(desk, currency)
    desk.stock_up("LAMP")
    value = {"amount": amount, "currency": currency}
    opened = {
        "warehouse": "MAIN",
        "opened_on": days_ago(0),
        "lines": [{"sku": "LAMP", "quantity": "3", "value": value}],
    }
    lines = [{"account": "6000", "debit": value}, {"account": "1000", "credit": value}]
    entry = {"posted_on": days_ago(0), "text": "Rent", "lines": lines}
    answers = [desk.post("/scm/opening-stock", opened), desk.post("/erp/journal-entries", entry)]
    assert [each.status_code for each in answers] == [201 if taken else 422] * 2


@pytest.mark.case("B43")
def test_three_yen_are_written_off(desk: Desk) -> None:
    keep_books_in(desk, "JPY")
    desk.stock_up("LAMP")
    customer = desk.customer(currency="JPY")
    counted = {"warehouse": "MAIN", "lines": [{"sku": "LAMP", "quantity": "9"}]}
    desk.done("/scm/stock-counts", counted)
    draft = {"customer_id": customer, "currency": "JPY", "lines": [line("1", "1000", "JPY")]}
    sold = desk.done("/crm/sales-orders", draft)
    desk.done(f"/crm/sales-orders/{sold['id']}/place")
    desk.dispatch(sold)
    [invoice] = desk.rows("/erp/invoices")
    paid = {"amount": "997", "currency": "JPY"}
    body = {"direction": "in", "party_id": customer, "paid_on": days_ago(0), "amount": paid}
    desk.done("/erp/payments", {**body, "allocations": [{"document_id": invoice["id"], "amount": paid}]})
    closed = desk.done(f"/erp/invoices/{invoice['id']}/write-off", {"reason": "small"})
    assert (closed["status"], closed["written_off"]) == ("paid", {"amount": "3", "currency": "JPY"})


@pytest.mark.case("B03")
def test_documents_of_before_a_change_of_the_base_currency_go_no_further(desk: Desk, partners: dict[str, str]) -> None:
    sent = desk.purchase(partners["supplier"], ("LAMP", "10", "5.00"))
    bought = {"supplier_id": partners["supplier"], "currency": "USD", "warehouse": "MAIN"}
    purchase = desk.done("/srm/purchase-orders", {**bought, "lines": [line("1", "5.00", "USD")]})
    sale = {"customer_id": partners["customer"], "currency": "USD", "lines": [line("1", "9.00", "USD")]}
    order = desk.done("/crm/sales-orders", sale)
    keep_books_in(desk, "EUR")
    assert pointers(desk.post(f"/srm/purchase-orders/{purchase['id']}/send")) == ["/currency"]
    assert pointers(desk.post(f"/crm/sales-orders/{order['id']}/place")) == ["/currency"]
    assert pointers(desk.receive(sent, ("LAMP", "10"))) == ["/purchase_order_id"]
    bought = {"supplier_id": partners["eur_supplier"], "currency": "EUR", "warehouse": "MAIN"}
    other = desk.done("/srm/purchase-orders", {**bought, "lines": [line("4", "9.00", "EUR")]})
    desk.done(f"/srm/purchase-orders/{other['id']}/send")
    assert desk.receive(other, ("LAMP", "4")).status_code == 201
    assert (desk.on_hand("LAMP"), desk.value("LAMP")) == ("4", ("4", "36.00"))
    [firm] = desk.rows("/erp/entities")
    fixed = desk.send("PATCH", "/erp/entities/main", {"base_currency": "USD"}, **{"If-Match": f'"{firm["version"]}"'})
    assert (fixed.status_code, [each["pointer"] for each in fixed.json["errors"]]) == (409, ["/base_currency"])
