"""Merged OpenAPI document: valid, and it describes exactly the public routes."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.api_documents import PAGES, merge
from gateway.merged_components import MergedNames
from gateway.routes import OWN_SERVICE, PREFIX, ROUTES
from gateway.view_descriptions import own_document
from gateway.views import OWN_VIEWS
from shared.codec import encode
from shared.config import SERVICES
from shared.openapi.described_members import CONDITIONS
from shared.testing.services import open_service
from shared.testing.web import create_client
from tests.described_answers import schemas_in

LIST = "x-sihe-resource"
NAMED = frozenset({"$ref", "properties", "additionalProperties"})
WITHOUT_VERSION = ("/api/v1/erp/periods/{code}",)
CREATE_ROUTE = re.compile(r"POST \w+/[\w-]+")


def document_of(name: str, folder: Path) -> bytes:
    main = import_module(f"services.{name}.main")
    kind = getattr(main, name.capitalize())
    return bytes(create_client(open_service(kind, folder)).get("/openapi.json").data)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("documents")
    documents = {name: document_of(name, folder) for name in SERVICES}
    return merge(documents | {OWN_SERVICE: encode(own_document(OWN_VIEWS))})


def path_shape(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    validate(document)


def test_the_document_describes_exactly_the_public_routes(document: Any) -> None:
    described = {(method.upper(), path_shape(path)) for path, item in document["paths"].items() for method in item}
    public = {(route.method, path_shape(f"{PREFIX}/{route.path}")) for route in ROUTES.values()}
    assert described == public | {("GET", path) for path in PAGES}


def test_no_two_paths_differ_only_in_their_parameter_names(document: Any) -> None:
    paths = [path_shape(path) for path in document["paths"]]
    assert len(paths) == len(set(paths))


def test_every_operation_has_a_unique_id_and_its_problem_responses(document: Any) -> None:
    names = []
    for path, item in document["paths"].items():
        for operation in item.values():
            if path in PAGES:
                assert operation["security"] == []
                continue
            names.append(operation["operationId"])
            assert {"400", "401", "403", "404", "422", "503"} <= operation["responses"].keys(), path
            assert {each["name"] for each in operation["parameters"] if each["in"] == "path"} == set(
                re.findall(r"{(\w+)}", path)
            )
    assert len(names) == len(set(names))


def test_every_resource_that_can_be_created_can_be_created_in_batches(document: Any) -> None:
    for name, route in ROUTES.items():
        if CREATE_ROUTE.fullmatch(name) and route.service != OWN_SERVICE:
            operation = document["paths"][f"{PREFIX}/{route.path}/batch"]["post"]
            assert operation["requestBody"]["content"]["application/json"]
            assert ROUTES[f"{name}/batch"].roles == route.roles


@pytest.mark.case("F2")
def test_every_answer_has_a_schema_that_names_its_members(document: Any) -> None:
    bare = [
        (method, path, status, media_type)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        for media_type, content in answer.get("content", {}).items()
        if not NAMED.intersection(content.get("schema", {})) and content.get("schema", {}).get("type") != "string"
    ]
    assert bare == []


@pytest.mark.case("F8")
def test_members_that_are_always_there_are_required_and_not_null(document: Any) -> None:
    order = document["components"]["schemas"]["crm.sales_orders.SalesOrder"]
    assert {"id", "version", "number", "status", "total", "lines", "required_on"} <= {*order["required"]}
    assert order["properties"]["total"]["$ref"].endswith("MoneyShown")
    assert order["properties"]["required_on"]["type"] == ["string", "null"]
    shipment = document["components"]["schemas"]["scm.shipping.Shipment"]["properties"]
    assert (shipment["ordinal"]["type"], shipment["dispatched_on"]["type"]) == ("integer", ["string", "null"])
    address = order["properties"]["ship_to"]
    assert (address["type"], "street" in address["required"]) == (["object", "null"], True)


@pytest.mark.case("F7")
def test_the_states_of_records_are_listed_in_rows_and_in_filters(document: Any) -> None:
    free = [
        name
        for name, schema in document["components"]["schemas"].items()
        if schema.get("properties", {}).get("status", {}).get("type") == "string"
        and "enum" not in schema["properties"]["status"]
    ]
    assert free == []
    row = document["components"]["schemas"]["scm.shipping.Shipment"]["properties"]["status"]
    listed = document["paths"]["/api/v1/scm/shipments"]["get"]["parameters"]
    (filtered,) = (each["schema"]["items"] for each in listed if each["name"] == "status")
    assert [*row["enum"]] == [*filtered["enum"]] == ["open", "dispatched", "cancelled"]


@pytest.mark.case("F10")
def test_every_operation_names_the_roles_that_may_use_it(document: Any) -> None:
    for path, item in document["paths"].items():
        for operation in () if path in PAGES else item.values():
            assert operation["x-sihe-roles"], path
            assert f"Roles: {operation['x-sihe-roles'][0]}" in operation["description"], path
    place = document["paths"]["/api/v1/crm/sales-orders/{order_id}/place"]["post"]
    assert (place["x-sihe-roles"], place["x-sihe-own"]) == (["admin", "sales", "representative"], ["representative"])
    assert place["description"].endswith("Roles: admin, sales, representative (only their own records).")
    assert document["paths"]["/api/v1/crm/settings"]["patch"]["x-sihe-roles"] == ["admin"]
    balance = document["paths"]["/api/v1/erp/trial-balance"]["get"]
    assert (balance["x-sihe-roles"], "x-sihe-own" in balance) == (["admin", "accountant", "auditor"], False)


@pytest.mark.case("F2")
def test_the_rows_of_a_list_have_one_type_and_its_groups_are_described_apart(document: Any) -> None:
    answer = document["paths"]["/api/v1/crm/sales-orders"]["get"]["responses"]["200"]
    page = answer["content"]["application/json"]["schema"]["$ref"]
    assert page == "#/components/schemas/crm.sales_orders.SalesOrderPage"
    rows = document["components"]["schemas"]["crm.sales_orders.SalesOrderPage"]["properties"]["data"]["items"]
    assert rows == {"$ref": "#/components/schemas/crm.sales_orders.SalesOrder"}
    assert answer["x-sihe-groups"] == {"$ref": "#/components/schemas/common.GroupPage"}
    assert "count" in document["components"]["schemas"]["common.Group"]["required"]


@pytest.mark.case("F10")
def test_a_list_names_its_rows_their_address_and_their_commands(document: Any) -> None:
    assert (document["x-sihe"]["format"], document["x-sihe"]["languages"]) == (1, ["en", "zh"])
    orders = document["paths"]["/api/v1/crm/sales-orders"]["get"][LIST]
    assert (orders["row"], orders["key"]) == ("crm.sales_orders.SalesOrder", "id")
    assert orders["item"] == "/api/v1/crm/sales-orders/{order_id}"
    assert (orders["shown_by"], orders["owner"], orders["columns"][:2]) == (
        ["number"], "customer_id", ["number", "customer_id"]
    )  # fmt: skip
    assert orders["commands"] == [f"crm.sales-orders.{each}" for each in ("draft", "place", "amend", "cancel")]
    items = document["paths"]["/api/v1/scm/items"]["get"][LIST]
    assert (items["key"], items["sheets"], "sheets" in orders) == ("sku", True, False)
    assert document["paths"]["/api/v1/crm/reasons"]["get"][LIST]["row"] == "common.reasons.Reason"


@pytest.mark.case("F10")
def test_the_columns_and_keys_of_a_list_are_members_of_its_rows(document: Any) -> None:
    reads = [each["get"] for each in document["paths"].values() if "get" in each]
    described = [each[LIST] for each in reads if "row" in each.get(LIST, {})]
    assert {"erp.journal", "scm.stock", "erp.entities"} <= {each["name"] for each in described}
    for each in described:
        row = document["components"]["schemas"][each["row"]]["properties"]
        assert {*each["columns"], *each.get("shown_by", ()), each.get("key", "id")} <= row.keys(), each["name"]


@pytest.mark.case("F10")
def test_the_usual_order_of_a_list_is_one_that_it_can_be_sorted_by(document: Any) -> None:
    for path, each in lists_of(document):
        (sort,) = (one["schema"]["items"]["enum"] for one in each["parameters"] if one["name"] == "sort")
        assert {*each[LIST]["sort"].split(",")} <= {*sort}, path
    assert dict(lists_of(document))["/api/v1/crm/sales-orders"][LIST]["sort"] == "-ordered_on,-id"
    assert dict(lists_of(document))["/api/v1/scm/warehouses"][LIST]["sort"] == "code,id"


def lists_of(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the operation of every list of the records of a resource, with its path."""
    for path, item in document["paths"].items():
        if "sort" in item.get("get", {}).get(LIST, {}) and "x-sihe-groups" in item["get"]["responses"]["200"]:
            yield path, item["get"]


@pytest.mark.case("F10")
def test_a_resource_links_the_lists_that_name_its_records(document: Any) -> None:
    lists = dict(lists_of(document))
    names = {each[LIST]["name"]: each for each in lists.values()}
    links = {
        name: [(one["resource"], one["by"]) for one in each[LIST].get("links", ())] for name, each in names.items()
    }
    assert {("crm.sales-orders", "customer_id"), ("erp.invoices", "customer_id")} <= {*links["crm.customers"]}
    assert {("scm.shipments", "sales_order_id"), ("erp.invoices", "sales_order_id")} <= {*links["crm.sales-orders"]}
    assert ("erp.bills", "supplier_id") in links["srm.suppliers"]
    for resource, column in {one for each in links.values() for one in each}:
        assert column in {each["name"] for each in names[resource]["parameters"]}, (resource, column)
    invoice = document["components"]["schemas"]["erp.receivables.Invoice"]["properties"]
    assert invoice["customer_id"]["x-sihe"]["lookup"] == {"resource": "crm.customers", "value": "id"}


@pytest.mark.case("F10")
def test_a_command_names_the_one_that_takes_it_back_or_warns_that_there_is_none(document: Any) -> None:
    operations = [each for item in document["paths"].values() for each in item.values()]
    commands = [each["x-sihe-command"] for each in operations if "x-sihe-command" in each]
    names = {(each["of"], each["name"]) for each in commands}
    undone = {(each["of"], each["name"]): each["undo"] for each in commands if each.get("undo")}
    assert [each for each, undo in undone.items() if (each[0], undo) not in names] == []
    assert [each["name"] for each in commands if each.get("danger") and each["undo"]] == []
    assert undone["srm.suppliers", "block"] == "unblock"
    assert undone["scm.warehouses", "deactivate"] == "reactivate"
    final = {"cancel", "erase", "erase_contact", "reverse", "reject"}
    assert [each for each in commands if each["name"] in final and not each.get("danger")] == []


@pytest.mark.case("F10")
def test_every_resource_belongs_to_a_module_with_a_title(document: Any) -> None:
    modules = {each["name"]: each for each in document["x-sihe"]["modules"]}
    assert modules["erp.payables"]["title"] == {"en": "Payables", "zh": "应付账款"}
    reads = [each for item in document["paths"].values() for each in item.values()]
    described = [each.get(LIST, each.get("x-sihe-report")) for each in reads if LIST in each or "x-sihe-report" in each]
    named = {each["module"] for each in described if not each["name"].endswith(".settings")}
    assert named == modules.keys()
    assert [each["order"] for each in modules.values() if each["service"] == "crm"] == [1, 3, 4, 5]


@pytest.mark.case("F7")
def test_a_state_in_which_no_command_is_possible_is_an_end(document: Any) -> None:
    def ends(path: str) -> list[str]:
        states = document["paths"][f"/api/v1/{path}"]["get"][LIST]["states"]["values"]
        return [each["value"] for each in states if each["end"]]

    assert ends("scm/shipments") == ["dispatched", "cancelled"]
    assert ends("erp/bills") == ["rejected"]
    assert ends("erp/invoices") == []


@pytest.mark.case("F10")
def test_the_form_of_a_change_is_filled_with_what_the_record_has(document: Any) -> None:
    def prefilled(path: str, method: str) -> Any:
        return document["paths"][f"/api/v1/{path}"][method]["x-sihe-command"].get("prefill")

    assert prefilled("crm/sales-orders/{order_id}/amend", "post") == {
        "freight": "freight", "lines": "lines", "required_on": "required_on", "ship_to": "ship_to"
    }  # fmt: skip
    assert {"name", "reorder_point"} <= prefilled("scm/items/{sku}", "patch").keys()
    assert prefilled("crm/sales-orders/{order_id}/cancel", "post") is None


@pytest.mark.case("F10")
def test_a_command_names_the_states_in_which_it_is_possible(document: Any) -> None:
    def when(path: str) -> Any:
        return document["paths"][f"/api/v1/{path}"]["post"]["x-sihe-command"].get("when")

    assert when("crm/sales-orders/{order_id}/place") == ["draft"]
    assert when("scm/shipments/{shipment_id}/dispatch") == ["open"]
    assert when("crm/customers/{customer_id}/assign") is None, "possible in every state"


@pytest.mark.case("F10")
def test_a_statement_names_its_rows_their_columns_and_its_totals(document: Any) -> None:
    report = document["paths"]["/api/v1/erp/trial-balance"]["get"]["x-sihe-report"]
    assert (report["rows"], report["totals"]) == ("rows", "totals")
    assert report["columns"][2] == {"name": "debit", "title": {"en": "Debit", "zh": "借方"}}


@pytest.mark.case("F16")
def test_components_that_services_share_are_written_once_and_unused_ones_not_at_all(document: Any) -> None:
    schemas = document["components"]["schemas"]
    copies = [name for name in schemas if name.partition(".")[2] in ("Money", "MoneyShown", "Problem", "Currency")]
    assert sorted(copies) == ["common.Currency", "common.Money", "common.MoneyShown", "common.Problem"]
    assert "crm.customers.Customer" in schemas
    referred = {*re.findall('"#/components/([^"]+)"', encode(document).decode())}
    there = {f"{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]}
    assert referred == there


@pytest.mark.case("F7", "F12", "D3")
def test_every_member_and_parameter_has_a_help_text_in_english_and_chinese(document: Any) -> None:
    described = [*members_of(document), *parameters_of(document)]
    assert len(described) > 3_000
    assert [place for place, each in described if not is_helpful(each)] == []


def members_of(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every member of an object of the document, with its place."""
    for place, schema in schemas_in(document):
        for name, each in schema.get("properties", {}).items() if not {*CONDITIONS} & {*place.split("/")} else ():
            yield f"{place}/{name}", each


def parameters_of(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for each in operation.get("parameters", ()):
                yield f"{method} {path} {each['name']}", {**each["schema"], **each}


def is_helpful(member: Any) -> bool:
    """Return whether a member has titles, and help texts that are no repetition of them, in both languages."""
    own, title, text = member.get("x-sihe", {}), member.get("title"), member.get("description")
    titles, texts = own.get("title", {}), own.get("help", {})
    chinese = [re.search("[\u4e00-\u9fff]", each.get("zh", "")) for each in (titles, texts)]
    is_repeated = str(text).strip(".").lower() == str(title).lower() or texts.get("zh") == titles.get("zh")
    return bool(title and text and all(chinese)) and not is_repeated


@pytest.mark.case("F12")
def test_the_help_of_a_filter_states_what_its_operator_selects(document: Any) -> None:
    listed = document["paths"]["/api/v1/crm/sales-orders"]["get"]["parameters"]
    found = {each["name"]: (each["description"], each["x-sihe"]["help"]["zh"]) for each in listed}
    assert found["required_on[gte]"] == ("Wanted by: on or after this day.", "要求日期：不早于该日。")
    assert found["total[lt]"] == ("Total: less than this amount, in any currency.", "合计：小于该金额，不论币种。")
    assert found["status"][0] == "Status: one of these values, separated by commas."
    journal = document["paths"]["/api/v1/erp/journal"]["get"]["parameters"]
    (alias,) = (each for each in journal if each["name"] == "from")
    assert alias["description"] == "Posting date: the same as `date[gte]`."


@pytest.mark.case("F5")
def test_a_time_zone_is_a_text_of_a_format(document: Any) -> None:
    zone = document["components"]["schemas"]["common.TimeZone"]
    assert (zone["type"], zone["format"], zone["examples"]) == ("string", "iana-time-zone", ["Europe/Berlin"])


def test_a_component_that_differs_between_services_keeps_the_name_of_each() -> None:
    money, price = ({"type": "object", "properties": {"amount": {"type": kind}}} for kind in ("string", "number"))
    names = MergedNames(
        {"a": {"schemas": {"Money": money, "Price": money}}, "b": {"schemas": {"Money": money, "Price": price}}}
    )
    assert [names.name_of(name, ("schemas", "Money")) for name in "ab"] == ["common.Money", "common.Money"]
    assert [names.name_of(name, ("schemas", "Price")) for name in "ab"] == ["a.Price", "b.Price"]


def test_a_component_is_shared_only_with_all_that_it_refers_to() -> None:
    total = {"$ref": "#/components/schemas/Money"}
    names = MergedNames(
        {
            name: {"schemas": {"Money": {"type": kind}, "Total": total}}
            for name, kind in (("a", "string"), ("b", "number"))
        }
    )
    assert [names.name_of(name, ("schemas", "Total")) for name in "ab"] == ["a.Total", "b.Total"]
    assert names.with_merged_names("b", total) == {"$ref": "#/components/schemas/b.Money"}


@pytest.mark.case("F20")
def test_every_answer_of_a_single_record_has_its_version_as_etag(document: Any) -> None:
    for path, item in document["paths"].items():
        records = re.fullmatch(PREFIX + r"/(?:crm|srm|scm|erp|access)/[\w-]+/{\w+}", path)
        if records and path not in WITHOUT_VERSION:
            assert "ETag" in item["get"]["responses"]["200"]["headers"], path
