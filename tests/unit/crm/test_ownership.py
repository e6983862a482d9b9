"""Two representatives with their own customers: records of the other are not found."""

import json
from time import perf_counter
from uuid import uuid4

import pytest

from services.crm.service import Crm
from shared.testing.services import open_service
from shared.testing.web import ApiCaller
from shared.web.refusal_time import STEP_SECONDS
from tests.unit.crm.caller import MARIA, CrmCaller, a_customer, an_order

UNKNOWN_ID = str(uuid4())


@pytest.fixture
def crm(tmp_path):
    """Return a caller who sees all records."""
    return CrmCaller(tmp_path)


@pytest.fixture
def anna(crm):
    return ApiCaller(crm.service, actor="anna", only_own=True)


@pytest.fixture
def bob(crm):
    return ApiCaller(crm.service, actor="bob", only_own=True)


@pytest.fixture
def annas(anna):
    return anna.post("/customers", a_customer(code="HERS", contacts=[MARIA])).json


@pytest.fixture
def order(anna, annas):
    return anna.post("/sales-orders", an_order(annas["id"])).json


def without_ids(answered, *ids):
    """Return status and body without the trace id and these ids of the request."""
    problem = {name: each for name, each in answered.json.items() if name != "trace_id"}
    text = str((answered.status_code, problem))
    for each in ids:
        text = text.replace(each, "…")
    return text


def ids(answered):
    assert answered.status_code == 200, answered.text
    return [each["id"] for each in answered.json["data"]]


def test_the_user_that_registers_a_customer_owns_it_and_its_orders(anna, annas, order):
    assert annas["owner"] == "anna"
    assert anna.get(f"/customers/{annas['id']}").json["code"] == "HERS"
    assert ids(anna.get("/customers")) == [annas["id"]]
    placed = anna.post(f"/sales-orders/{order['id']}/place")
    assert (placed.status_code, placed.json["status"]) == (200, "placed")
    assert [row["what"] for row in anna.get(f"/customers/{annas['id']}/timeline").json["data"]] == [
        "drafted",
        "placed",
    ]


QUESTIONS = ("/customers/{customer}", "/customers/{customer}/timeline", "/sales-orders/{order}")


@pytest.mark.parametrize("path", QUESTIONS)
def test_records_of_another_owner_are_not_found(bob, annas, order, path):
    known, unknown = (
        {"customer": annas["id"], "order": order["id"]},
        {"customer": UNKNOWN_ID, "order": UNKNOWN_ID},
    )
    answers = bob.get(path.format(**known)), bob.get(path.format(**unknown))
    assert answers[0].status_code == 404
    assert without_ids(answers[0], *known.values()) == without_ids(answers[1], UNKNOWN_ID)


COMMANDS = {
    "/customers/{customer}/assign": {"owner": "bob"},
    "/customers/{customer}/contacts/{contact}/erase": None,
    "/sales-orders/{order}/place": {},
    "/sales-orders/{order}/amend": {"freight": {"amount": "1.00", "currency": "USD"}},
    "/sales-orders/{order}/cancel": {"reason": "not mine"},
}


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("version", [None, '"1"', '"999"'])
def test_records_of_another_owner_cannot_be_changed_with_any_version(crm, bob, annas, order, path, version):
    known = {"customer": annas["id"], "order": order["id"], "contact": annas["contacts"][0]["id"]}
    before = crm.service.store.head()
    answers = [
        bob.client.post(path.format(**each), json=COMMANDS[path], headers={"If-Match": version})
        for each in (known, dict.fromkeys(known, UNKNOWN_ID))
    ]
    assert answers[0].status_code == 404
    assert without_ids(answers[0], *known.values()) == without_ids(answers[1], UNKNOWN_ID)
    assert crm.service.store.head() == before


def test_the_version_of_another_owners_record_is_not_disclosed(bob, annas):
    for version in (1, 7):
        changed = bob.patch(f"/customers/{annas['id']}", {"name": "Mine"}, version)
        assert changed.status_code == 404
        assert "ETag" not in changed.headers


@pytest.mark.parametrize(
    "query", ["", "?sort=-total", "?q=SO", "?status=draft", "?limit=1", "?consistency=eventual", "?total[gte]=0"]
)
def test_lists_contain_only_own_records_for_any_query(crm, anna, bob, annas, order, query):
    own = bob.post("/customers", a_customer(code="BOBS")).json
    two = [bob.post("/sales-orders", an_order(own["id"])).json["id"] for _ in range(2)]
    first = bob.get(f"/sales-orders{query}").json
    assert {each["id"] for each in first["data"]} <= set(two)
    assert len(first["data"]) == (1 if "limit" in query else 2)
    assert first["has_more"] == ("limit" in query)
    assert ids(bob.get(f"/sales-orders?customer_id={annas['id']}")) == []
    assert ids(bob.get(f"/sales-orders?id={order['id']}")) == []
    assert ids(anna.get("/sales-orders")) == [order["id"]]
    assert len(ids(crm.get("/sales-orders"))) == 3


def test_pages_of_own_records_continue_past_records_of_other_owners(anna, bob):
    bobs, annas = (
        caller.post("/customers", a_customer(code=code)).json["id"] for caller, code in ((bob, "B"), (anna, "A"))
    )
    mixed = [(bob, bobs), (anna, annas)] * 4
    made = [caller.post("/sales-orders", an_order(customer)).json["number"] for caller, customer in mixed]
    seen, page = [], bob.get("/sales-orders?sort=number&limit=3").json
    seen += page["data"]
    page = bob.get(f"/sales-orders?sort=number&limit=3&cursor={page['next_cursor']}").json
    seen += page["data"]
    assert [each["number"] for each in seen] == made[::2]
    assert page["has_more"] is False


def test_sheets_contain_only_own_records(anna, bob, annas):
    bob.post("/customers", a_customer(code="BOBS"))
    assert [line.split(",")[0].strip('"') for line in bob.get("/customers/export").text.splitlines()[1:]] == ["BOBS"]
    assert "HERS" in anna.get("/customers/export").text


def test_an_order_for_another_owners_customer_is_refused_like_one_for_an_unknown_customer(crm, bob, annas, order):
    before = crm.service.store.head()
    named = annas["id"], UNKNOWN_ID, order["id"]
    answers = [bob.post("/sales-orders", an_order(each)) for each in named]
    assert [each.status_code for each in answers] == [403, 403, 403]
    assert len({without_ids(answer, each) for answer, each in zip(answers, named, strict=True)}) == 1
    assert crm.service.store.head() == before
    own = bob.post("/customers", a_customer(code="BOBS")).json
    assert bob.post("/sales-orders", an_order(own["id"])).json["number"] == "SO-2"


def test_one_order_for_another_owners_customer_refuses_a_batch_that_is_stored_whole(crm, bob, annas):
    own = bob.post("/customers", a_customer(code="BOBS")).json
    before = crm.service.store.head()
    for foreign in (annas["id"], UNKNOWN_ID):
        items = [an_order(own["id"]), an_order(foreign)]
        refused = bob.post("/sales-orders/batch", {"items": items, "atomic": True})
        assert (refused.status_code, refused.json["code"]) == (403, "access_denied")
        assert [each["pointer"] for each in refused.json["errors"]] == ["/items/1/customer_id"]
    assert crm.service.store.head() == before


def test_an_order_for_another_owners_customer_is_refused_in_a_batch_like_one_for_a_missing_customer(crm, bob, annas):
    own = bob.post("/customers", a_customer(code="BOBS")).json
    results = []
    for foreign in (annas["id"], UNKNOWN_ID):
        body = {"items": [an_order(own["id"]), an_order(foreign)], "atomic": False}
        stored, refused = bob.post("/sales-orders/batch", body).json["data"]
        assert (stored["status"], refused["status"]) == (201, 403)
        assert [each["pointer"] for each in refused["problem"]["errors"]] == ["/customer_id"]
        problem = {name: each for name, each in refused["problem"].items() if name != "trace_id"}
        results.append(json.dumps(problem).replace(foreign, "id"))
    assert results[0] == results[1]
    assert len(bob.get("/sales-orders").json["data"]) == 2


def test_orders_follow_the_owner_of_their_customer(crm, anna, bob, annas, order):
    crm.post(f"/customers/{annas['id']}/assign", {"owner": "bob"})
    assert anna.get(f"/sales-orders/{order['id']}").status_code == 404
    assert ids(anna.get("/customers")) == ids(anna.get("/sales-orders")) == []
    assert ids(bob.get("/sales-orders")) == [order["id"]]
    assert bob.post(f"/sales-orders/{order['id']}/place").status_code == 200
    crm.post(f"/customers/{annas['id']}/assign", {"owner": None})
    assert (
        bob.get(f"/customers/{annas['id']}").status_code == bob.get(f"/sales-orders/{order['id']}").status_code == 404
    )
    assert ids(bob.get("/sales-orders")) == []
    assert ids(crm.get("/sales-orders")) == [order["id"]]


@pytest.mark.parametrize("path", ["/sales-orders", "/customers"])
def test_outdated_rows_are_not_shown_to_a_former_owner(crm, anna, annas, order, path):
    eventual = f"{path}?consistency=eventual"
    assert len(ids(anna.get(eventual))) == 1
    crm.post(f"/customers/{annas['id']}/assign", {"owner": "bob"})
    assert len(ids(crm.client.get(eventual))) == 1
    behind = anna.client.get(eventual)
    assert (behind.status_code, behind.json["code"]) == (503, "behind")
    assert ids(anna.get(eventual)) == []


def test_an_owner_cannot_assign_their_record_to_another(anna, annas):
    refused = anna.post(f"/customers/{annas['id']}/assign", {"owner": "bob"})
    assert (refused.status_code, refused.json["code"]) == (403, "access_denied")
    assert anna.get(f"/customers/{annas['id']}").json["owner"] == "anna"


def test_a_contact_of_another_owners_customer_is_not_found(bob, annas):
    own = bob.post("/customers", a_customer(code="BOBS")).json
    foreign, unknown = (
        bob.patch(f"/customers/{own['id']}", {"contacts": [{"id": each, "name": "Mine"}]}, 1)
        for each in (annas["contacts"][0]["id"], UNKNOWN_ID)
    )
    assert foreign.status_code == 422
    assert without_ids(foreign, annas["contacts"][0]["id"]) == without_ids(unknown, UNKNOWN_ID)


def test_a_stored_response_belongs_to_the_key_of_the_caller(anna, bob):
    for caller, code in ((anna, "A"), (bob, "B")):
        made = caller.client.post("/customers", json=a_customer(code=code), headers={"Idempotency-Key": "the same"})
        assert (made.status_code, made.json["code"], made.json["owner"]) == (201, code, caller.client.actor)


@pytest.mark.parametrize("path", ["/settings", "/audit/events", "/events", "/parked", "/audit/checkpoint"])
def test_records_without_an_owner_are_hidden_from_callers_limited_to_their_own(crm, anna, path):
    assert crm.get(path).status_code == 200
    refused = anna.get(path)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


PROBES = {
    "an order": ("GET", "/sales-orders/{id}", None),
    "a customer": ("GET", "/customers/{id}", None),
    "a command": ("POST", "/sales-orders/{id}/place", {}),
    "an order for a customer": ("POST", "/sales-orders", an_order("")),
}
SAMPLES = 20


@pytest.mark.case("X25")
@pytest.mark.parametrize(("method", "path", "body"), PROBES.values(), ids=PROBES)
def test_a_refusal_takes_full_steps_of_time_for_a_record_of_another_owner_and_a_missing_one(
    anna, tmp_path, method, path, body
):
    """Each record is asked for once, by a process that has not loaded it before: that takes longest."""
    customers = [anna.post("/customers", a_customer(code=f"C{number}")).json["id"] for number in range(SAMPLES)]
    orders = [anna.post("/sales-orders", an_order(each)).json["id"] for each in customers]
    bob = ApiCaller(open_service(Crm, tmp_path), actor="bob", only_own=True)
    known = orders if "/sales-orders/" in path else customers
    bob.get("/customers")
    pairs = [[seconds_of(bob, method, path, body, id_) for id_ in (each, str(uuid4()))] for each in known]
    of_another, missing = (min(took) for took in zip(*pairs, strict=True))
    assert of_another > STEP_SECONDS
    assert missing > STEP_SECONDS
    assert abs(of_another - missing) < STEP_SECONDS / 10


@pytest.mark.case("X25")
def test_a_record_of_another_owner_stays_loaded_after_it_was_refused(bob, anna, order):
    """Its next refusal needs as few events from the store as that of a missing record."""
    read = bob.service.store.events_as_stored
    loaded = []

    def counted(*arguments):
        found = read(*arguments)
        loaded.append(len(found))
        return found

    bob.service.store.events_as_stored = counted
    for _ in range(2):
        assert bob.get(f"/sales-orders/{order['id']}").status_code == 404
    assert set(loaded) == {0}


def seconds_of(bob, method, path, body, id_):
    began = perf_counter()
    filled = {**body, "customer_id": id_} if body else body
    answered = bob.client.open(path.format(id=id_), method=method, json=filled)
    took = perf_counter() - began
    assert answered.status_code in (403, 404), answered.text
    return took
