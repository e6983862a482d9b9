"""Kind 3: what a person books on a customer or supplier is a debt to credit checks, payments and aging."""

from typing import Any

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, pointers

TODAY = days_ago(0)


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A hundred lamps in stock."""
    desk.stock_up("LAMP")
    desk.bought(("LAMP", "100", "5.00"))
    return desk


def opening(party: str, amount: str, account: str = "1200", **document: str) -> Row:
    return {"account": account, "party": party, "amount": usd(amount), **document}


def take_over(desk: Desk, *lines: Row, on: str = days_ago(90)) -> Row:
    """Post these opening balances and return their entry."""
    return desk.done("/erp/opening-balances", {"posted_on": on, "text": "Taken over", "lines": lines})


def book(desk: Desk, party: str, side: str, amount: str, account: str = "1200", **document: str) -> Row:
    """Post an entry on a party against expenses."""
    other = {"debit": "credit", "credit": "debit"}[side]
    lines = [
        {"account": account, "party": party, side: usd(amount), **document}, {"account": "6000", other: usd(amount)},
    ]  # fmt: skip
    return desk.done("/erp/journal-entries", {"posted_on": days_ago(30), "text": "By hand", "lines": lines})


def items_of(desk: Desk, party: str, **query: str) -> list[Row]:
    wanted = "".join(f"&{name}={value}" for name, value in query.items())
    return desk.rows(f"/erp/open-items?party_id={party}&sort=due_on{wanted}")


def pay(desk: Desk, party: str, document: Row, amount: str, direction: str = "in", **other: Any) -> Any:
    parts = [{"document_id": document["id"], "amount": usd(amount)}]
    body = {"direction": direction, "party_id": party, "paid_on": TODAY, "amount": usd(amount), "allocations": parts}
    return desk.post("/erp/payments", {**body, **other})


def allocate(desk: Desk, item: Row, document: Row, amount: str) -> Any:
    parts = {"allocations": [{"document_id": document["id"], "amount": usd(amount)}]}
    return desk.post(f"/erp/open-items/{item['id']}/allocate", parts)


def states(items: list[Row]) -> list[tuple[str, str]]:
    return [(each["status"], each["open"]["amount"]) for each in items]


def credit(desk: Desk, customer: str) -> tuple[str, str, int]:
    """Return status and exposure of the customer's credit account, and the number of held orders."""
    account = desk.get(f"/erp/credit/{customer}")
    return account["status"], account["exposure"]["amount"], len(account["held"])


def aged(desk: Desk, side: str, party: str, as_of: str = TODAY) -> Row:
    """Return what is open of a party by days overdue, without what is zero."""
    rows = [each for each in desk.rows(f"/erp/{side}-aging?as_of={as_of}") if party in each.values()]
    return {name: value["amount"] for row in rows for name, value in row.items() if is_open(value)}


def is_open(value: Any) -> bool:
    return isinstance(value, dict) and value["amount"] != "0.00"


# -- credit


@pytest.mark.case("B05", "A6")
def test_an_opening_receivable_counts_against_the_limit(shop: Desk) -> None:
    customer = shop.customer(credit_limit=usd("5000.00"))
    take_over(shop, opening(customer, "4000.00"))
    order = shop.order(customer, ("LAMP", "30", "100.00"))
    assert credit(shop, customer) == ("held", "4000.00", 1)
    assert shop.sales_order(order)["status"] == "held"
    fitting = shop.order(customer, ("LAMP", "10", "100.00"))
    assert (shop.sales_order(fitting)["status"], credit(shop, customer)[1]) == ("reserved", "5000.00")


@pytest.mark.case("H2", "A6")
def test_paying_the_opening_receivable_releases_the_order_it_held(shop: Desk) -> None:
    customer = shop.customer(credit_limit=usd("100.00"))
    take_over(shop, opening(customer, "500.00"))
    order = shop.order(customer, ("LAMP", "1", "100.00"))
    assert (shop.sales_order(order)["status"], credit(shop, customer)) == ("held", ("held", "500.00", 1))
    [item] = items_of(shop, customer)
    assert pay(shop, customer, item, "499.99").status_code == 201
    assert shop.sales_order(order)["status"] == "held", "0.01 is still owed"
    assert pay(shop, customer, item, "0.01").status_code == 201
    assert (shop.sales_order(order)["status"], credit(shop, customer)) == ("reserved", ("ok", "100.00", 0))
    assert states(items_of(shop, customer)) == [("paid", "0.00")]


@pytest.mark.case("B05")
def test_an_entry_by_hand_counts_and_orders_approved_before_stay_approved(shop: Desk) -> None:
    customer = shop.customer(credit_limit=usd("100.00"))
    order = shop.order(customer, ("LAMP", "9", "10.00"))
    entry = book(shop, customer, "debit", "50.00")
    assert (shop.sales_order(order)["status"], credit(shop, customer)) == ("reserved", ("over_limit", "140.00", 0))
    shop.order(customer, ("LAMP", "1", "10.00"))
    assert credit(shop, customer) == ("held", "140.00", 1)
    shop.done(f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "mistyped"})
    assert credit(shop, customer) == ("ok", "100.00", 0), "the held order fits again"


@pytest.mark.case("H2")
def test_credit_booked_by_hand_makes_room_for_an_order(shop: Desk) -> None:
    customer = shop.customer(credit_limit=usd("100.00"))
    held = shop.order(customer, ("LAMP", "12", "10.00"))
    entry = book(shop, customer, "credit", "20.00")
    assert (shop.sales_order(held)["status"], credit(shop, customer)) == ("reserved", ("ok", "100.00", 0))
    shop.done(f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "mistyped"})
    assert (shop.sales_order(held)["status"], credit(shop, customer)) == ("reserved", ("over_limit", "120.00", 0))


# -- paying


@pytest.mark.case("A6")
def test_an_opening_payable_is_paid_in_part_and_the_payment_is_reversed(desk: Desk) -> None:
    supplier = desk.supplier()
    take_over(desk, opening(supplier, "1190.00", "2000", document_number="L-7"))
    [item] = items_of(desk, supplier)
    paid = pay(desk, supplier, item, "190.00", "out").json
    assert states(items_of(desk, supplier)) == [("part_paid", "1000.00")]
    assert (aged(desk, "payables", supplier)["total"], desk.balance("2000")) == ("1000.00", "-1000.00")
    assert pay(desk, supplier, item, "1000.01", "out").status_code == 409
    desk.done(f"/erp/payments/{paid['id']}/reverse", {"reason": "wrong account"})
    assert states(items_of(desk, supplier)) == [("open", "1190.00")]
    assert pay(desk, supplier, item, "1190.00", "out").status_code == 201
    assert (aged(desk, "payables", supplier), desk.balance("2000")) == ({}, "0.00")


@pytest.mark.case("A6")
def test_a_paid_opening_receivable_leaves_the_aging(desk: Desk) -> None:
    customer = desk.customer()
    take_over(desk, opening(customer, "1190.00"))
    [item] = items_of(desk, customer)
    assert pay(desk, customer, item, "1190.00").status_code == 201
    assert (aged(desk, "receivables", customer), credit(desk, customer)) == ({}, ("ok", "0.00", 0))
    assert aged(desk, "receivables", customer, days_ago(1))["days_61_90"] == "1190.00"


def test_one_payment_settles_an_old_invoice_and_a_new_one(shop: Desk) -> None:
    customer = shop.customer()
    take_over(shop, opening(customer, "40.00"))
    shop.dispatch(shop.order(customer, ("LAMP", "1", "60.00")))
    [item], [invoice] = items_of(shop, customer), shop.rows("/erp/invoices")
    parts = [{"document_id": item["id"], "amount": usd("40.00")}, {"document_id": invoice["id"], "amount": usd("60")}]
    body = {"direction": "in", "party_id": customer, "paid_on": TODAY, "amount": usd("120.00"), "allocations": parts}
    payment = shop.done("/erp/payments", body)
    assert (payment["unallocated"], shop.balance("1200")) == (usd("20.00"), "-20.00")
    shop.done(f"/erp/payments/{payment['id']}/deallocate", {"document_id": item["id"]})
    assert states(items_of(shop, customer)) == [("open", "40.00")]


def test_an_item_is_settled_by_its_party_on_its_side_and_not_before_its_day(desk: Desk) -> None:
    customer, other, supplier = desk.customer(), desk.customer(), desk.supplier()
    take_over(desk, opening(customer, "40.00"), opening(supplier, "30.00", "2000"))
    [owed], [payable] = items_of(desk, customer), items_of(desk, supplier)
    assert pointers(pay(desk, other, owed, "40.00")) == ["/allocations/0/document_id"]
    assert pointers(pay(desk, customer, payable, "30.00")) == ["/allocations/0/document_id"]
    assert pointers(pay(desk, customer, owed, "40.00", paid_on=days_ago(91))) == ["/paid_on"]
    assert states(items_of(desk, customer)) == [("open", "40.00")]


# -- credit that is allocated


@pytest.mark.case("A6")
def test_the_opening_credit_of_a_customer_is_allocated_to_a_new_invoice(shop: Desk) -> None:
    customer = shop.customer(credit_limit=usd("100.00"))
    take_over(shop, opening(customer, "-80.00", document_number="CN-3"))
    order = shop.order(customer, ("LAMP", "3", "60.00"))
    assert (shop.sales_order(order)["status"], credit(shop, customer)[1]) == ("reserved", "100.00")
    shop.dispatch(order)
    [item], [invoice] = items_of(shop, customer), shop.rows("/erp/invoices")
    assert aged(shop, "receivables", customer) == {"current": "180.00", "credit": "-80.00", "total": "100.00"}
    assert allocate(shop, item, invoice, "80.01").status_code == 409
    assert allocate(shop, item, invoice, "80.00").json["status"] == "paid"
    assert shop.get(f"/erp/invoices/{invoice['id']}")["open"] == usd("100.00")
    assert aged(shop, "receivables", customer) == {"current": "100.00", "total": "100.00"}
    assert (credit(shop, customer)[1], shop.balance("1200")) == ("100.00", "100.00")
    shop.done(f"/erp/open-items/{item['id']}/deallocate", {"document_id": invoice["id"]})
    assert states(items_of(shop, customer)) == [("open", "-80.00")]
    assert shop.get(f"/erp/invoices/{invoice['id']}")["open"] == usd("180.00")


def test_an_advance_to_a_supplier_settles_an_old_invoice_of_the_supplier(desk: Desk) -> None:
    supplier = desk.supplier()
    take_over(desk, opening(supplier, "100.00", "2000"), opening(supplier, "-30.00", "2000"))
    owed, advance = sorted(items_of(desk, supplier), key=lambda each: each["line"])
    assert allocate(desk, advance, owed, "30.00").json["open"] == usd("0.00")
    assert desk.get(f"/erp/open-items/{owed['id']}")["open"] == usd("70.00")
    assert (aged(desk, "payables", supplier)["total"], desk.balance("2000")) == ("70.00", "-70.00")
    refused = allocate(desk, owed, owed, "10.00")
    assert (refused.status_code, refused.json["code"]) == (409, "not_credit")
    refused = pay(desk, supplier, advance, "10.00", "out")
    assert (refused.status_code, refused.json["code"]) == (409, "not_owed")


# -- reversal and write-off


@pytest.mark.case("A6")
def test_an_entry_is_not_reversed_while_an_item_of_it_is_settled(desk: Desk) -> None:
    customer = desk.customer()
    entry = take_over(desk, opening(customer, "500.00", document_number="R-1"), opening(customer, "70.00"))
    item = next(each for each in items_of(desk, customer) if each["document_number"] == "R-1")
    paid = pay(desk, customer, item, "1.00").json
    reverse, why = f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "typed twice"}
    refused = desk.post(reverse, why)
    assert (refused.status_code, refused.json["code"]) == (409, "item_settled")
    assert "open item R-1 is settled in part: reverse its payments" in refused.json["detail"]
    desk.done(f"/erp/payments/{paid['id']}/reverse", {"reason": "typed twice"})
    reversal = desk.done_by_two(reverse, why)
    assert reversal["posted_on"] == TODAY, "the day on which the payment was undone"
    assert states(items_of(desk, customer)) == [("reversed", "0.00")] * 2
    assert (aged(desk, "receivables", customer), credit(desk, customer)[1]) == ({}, "0.00")
    assert aged(desk, "receivables", customer, days_ago(1))["total"] == "570.00"
    refused = pay(desk, customer, item, "1.00")
    assert (refused.status_code, refused.json["code"]) == (409, "not_owed")


@pytest.mark.case("A6")
def test_the_small_rest_of_an_item_is_written_off_and_restored(desk: Desk) -> None:
    customer = desk.customer()
    take_over(desk, opening(customer, "1000.00"))
    [item] = items_of(desk, customer)
    pay(desk, customer, item, "994.00")
    path = f"/erp/open-items/{item['id']}"
    assert desk.post(f"{path}/write-off", {"reason": "small"}).json["code"] == "write_off_too_large"
    pay(desk, customer, item, "2.00")
    written_off = desk.done(f"{path}/write-off", {"reason": "small"})
    assert (written_off["status"], written_off["written_off"]) == ("paid", usd("4.00"))
    assert (desk.balance("1200"), desk.balance("6000"), credit(desk, customer)[1]) == ("0.00", "4.00", "0.00")
    desk.done(f"{path}/reverse-write-off", {"reason": "they paid"})
    assert (desk.balance("1200"), desk.balance("6000"), credit(desk, customer)[1]) == ("4.00", "0.00", "4.00")
    assert aged(desk, "receivables", customer)["total"] == "4.00"


# -- aging and list


@pytest.mark.case("A6")
def test_old_invoices_are_brought_in_one_by_one_and_age_by_their_due_dates(desk: Desk) -> None:
    customer = desk.customer()
    old = {"document_number": "2026-117", "document_on": days_ago(130), "due_on": days_ago(100)}
    take_over(
        desk,
        opening(customer, "300.00", **old),
        opening(customer, "200.00", document_number="2026-240", due_on=days_ago(-20)),
        opening(customer, "70.00"),
    )
    assert aged(desk, "receivables", customer) == {
        "current": "200.00", "days_61_90": "70.00", "days_over_90": "300.00", "total": "570.00",
    }  # fmt: skip
    assert aged(desk, "receivables", customer, days_ago(91)) == {}, "the books begin a day later"
    oldest = items_of(desk, customer)[0]
    assert {name: oldest[name] for name in old} == old
    assert (oldest["dated_on"], oldest["text"]) == (days_ago(90), "Taken over")
    pay(desk, customer, oldest, "300.00")
    assert [each["document_number"] for each in items_of(desk, customer, status="open")] == [None, "2026-240"]
    overdue = desk.rows(f"/erp/open-items?party_id={customer}&due_on[lt]={TODAY}&status=open")
    assert [each["amount"] for each in overdue] == [usd("70.00")]


def test_several_lines_of_one_party_are_items_of_their_own(desk: Desk) -> None:
    supplier = desk.supplier()
    entry = take_over(desk, *(opening(supplier, amount, "2000") for amount in ("10.00", "20.00", "-5.00")))
    lines = sorted(items_of(desk, supplier), key=lambda each: each["line"])
    assert [(each["entry"], each["line"], each["amount"]["amount"]) for each in lines] == [
        (entry["id"], 1, "10.00"), (entry["id"], 2, "20.00"), (entry["id"], 3, "-5.00"),
    ]  # fmt: skip
    assert aged(desk, "payables", supplier)["total"] == "25.00"


def test_a_document_is_refused_on_other_accounts_and_with_impossible_dates(desk: Desk) -> None:
    customer = desk.customer()
    wrong = {
        "/lines/0/due_on": {"account": "1000", "amount": usd("5.00"), "due_on": TODAY},
        "/lines/0/document_on": opening(customer, "5.00", document_on=days_ago(89)),
    }
    for pointer, line in wrong.items():
        refused = desk.post("/erp/opening-balances", {"posted_on": days_ago(90), "lines": [line]})
        assert pointers(refused) == [pointer]
    assert desk.rows("/erp/open-items") == []


# -- once only


def recorded(answered: Any) -> list[str]:
    """Return the fields at which a document was refused because it is recorded already."""
    assert (answered.status_code, answered.json["code"]) == (409, "already_taken"), answered.text
    return [each["pointer"] for each in answered.json["errors"]]


@pytest.mark.case("B37", "A6")
@pytest.mark.parametrize(("first", "again"), [("2026-117", "2026/117"), ("RE 0042", "re-42"), ("L7", "L7")])
@pytest.mark.parametrize(("party", "account"), [("supplier", "2000"), ("customer", "1200")])
def test_an_old_invoice_is_taken_over_once(desk: Desk, party: str, account: str, first: str, again: str) -> None:
    mine, other = (getattr(desk, party)() for _ in range(2))
    entry = take_over(desk, opening(mine, "100.00", account, document_number=first))
    bodies = [opening(mine, "7.00", account), opening(mine, "100.00", account, document_number=again)]
    refused = desk.post("/erp/opening-balances", {"posted_on": TODAY, "lines": bodies})
    assert recorded(refused) == ["/lines/1/document_number"]
    take_over(desk, opening(other, "100.00", account, document_number=again))
    take_over(desk, opening(mine, "-100.00", account, document_number=again))
    desk.done_by_two(f"/erp/journal-entries/{entry['id']}/reverse", {"reason": "wrong party"})
    take_over(desk, opening(mine, "90.00", account, document_number=again))


@pytest.mark.case("B37", "A6")
def test_an_old_customer_invoice_is_not_opened_twice_in_one_request(desk: Desk) -> None:
    customer = desk.customer()
    lines = [opening(customer, "5.00", document_number=number) for number in ("R 1", "r-01")]
    assert recorded(desk.post("/erp/opening-balances", {"posted_on": TODAY, "lines": lines})) == [
        "/lines/1/document_number"
    ]
    assert items_of(desk, customer) == []


@pytest.mark.case("B37", "A6")
def test_a_supplier_invoice_is_either_taken_over_or_recorded(shop: Desk) -> None:
    supplier = shop.supplier()
    take_over(shop, opening(supplier, "100.00", "2000", document_number="2026-117"))
    order = shop.purchase(supplier, ("LAMP", "10", "10.00"))
    assert shop.receive(order, ("LAMP", "10")).status_code == 201
    lines = [{"sku": "LAMP", "quantity": "10", "unit_price": usd("10.00")}]
    bill = {"supplier_id": supplier, "purchase_order_id": order["id"], "billed_on": TODAY, "lines": lines}
    assert recorded(shop.post("/erp/bills", {**bill, "number": "2026 117"})) == ["/number"]
    shop.done("/erp/bills", {**bill, "number": "2026-118"})
    late = {"posted_on": TODAY, "lines": [opening(supplier, "100.00", "2000", document_number="2026/118")]}
    assert recorded(shop.post("/erp/opening-balances", late)) == ["/lines/0/document_number"]


# -- small rests


@pytest.mark.case("B43")
def test_what_a_customer_paid_too_much_is_closed_by_an_entry(shop: Desk) -> None:
    customer = shop.customer()
    shop.dispatch(shop.order(customer, ("LAMP", "1", "60.00")))
    [invoice] = shop.rows("/erp/invoices")
    paid = {"direction": "in", "party_id": customer, "paid_on": TODAY, "amount": usd("60.02")}
    whole = [{"document_id": invoice["id"], "amount": usd("60.00")}]
    payment = shop.done("/erp/payments", {**paid, "allocations": whole})
    assert aged(shop, "receivables", customer) == {"credit": "-0.02", "total": "-0.02"}
    lines = [{"account": "1200", "party": customer, "debit": usd("0.02")}, {"account": "6000", "credit": usd("0.02")}]
    shop.done("/erp/journal-entries", {"posted_on": TODAY, "text": "Rounding", "lines": lines})
    [rest] = items_of(shop, customer)
    allocated = {"allocations": [{"document_id": rest["id"], "amount": usd("0.02")}]}
    assert shop.done(f"/erp/payments/{payment['id']}/allocate", allocated)["unallocated"] == usd("0.00")
    assert (aged(shop, "receivables", customer), shop.balance("1200")) == ({}, "0.00")


@pytest.mark.case("B43")
def test_a_payment_is_reversed_and_a_write_off_put_back_in_either_order(shop: Desk) -> None:
    customer = shop.customer()
    for first, last in (("payment", "write-off"), ("write-off", "payment")):
        shop.dispatch(shop.order(customer, ("LAMP", "1", "60.00")))
        [invoice] = [each for each in shop.rows("/erp/invoices") if each["status"] == "open"]
        paid = pay(shop, customer, invoice, "58.00").json
        path = f"/erp/invoices/{invoice['id']}"
        assert shop.done(f"{path}/write-off", {"reason": "small"})["status"] == "paid"
        undo = {
            "payment": (f"/erp/payments/{paid['id']}/reverse", {}),
            "write-off": (f"{path}/reverse-write-off", {"reason": "they paid"}),
        }
        shop.done(*undo[first])
        assert states([shop.get(path)]) == [("part_paid", {"payment": "58.00", "write-off": "2.00"}[first])]
        shop.done(*undo[last])
        assert states([shop.get(path)]) == [("open", "60.00")]
        assert pay(shop, customer, invoice, "60.00").status_code == 201
    assert (shop.balance("1200"), shop.balance("6000"), credit(shop, customer)[1]) == ("0.00", "0.00", "0.00")
