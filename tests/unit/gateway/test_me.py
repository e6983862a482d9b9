"""What a key allows: the caller, the lists, the commands and the reports."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from shared.config import SERVICES
from shared.testing.services import open_service
from shared.testing.web import create_client

ME = "/api/v1/me"


@pytest.fixture(scope="module")
def gateway(shared_gateway: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("services")
    for name in SERVICES:
        shared_gateway.services[name].responses["/openapi.json"] = document_of(name, folder)
    return shared_gateway


def document_of(name: str, folder: Path) -> Any:
    kind = getattr(import_module(f"services.{name}.service"), name.capitalize())
    return create_client(open_service(kind, folder)).get("/openapi.json").json


def test_a_seller_reads_the_own_rights(gateway: Any) -> None:
    me = gateway.create_key("sales", name="till", person="anna").get(ME).json
    assert (me["actor"], me["person"], me["roles"], me["via"]) == ("anna", {"handle": "anna"}, ["sales"], "key")
    assert {"read": True, "own": False}.items() <= me["may"]["crm.sales-orders"].items()
    assert {"place", "cancel"} <= set(me["may"]["crm.sales-orders"]["commands"])
    assert me["may"]["scm.items"] == {"read": True, "own": False, "commands": []}
    assert "srm.suppliers" not in me["may"]
    assert "erp.trial-balance" not in me["reports"]


def test_a_representative_is_limited_to_the_own_records(gateway: Any) -> None:
    may = gateway.create_key("representative", name="rep").get(ME).json["may"]
    assert (may["crm.customers"]["own"], may["scm.items"]["own"]) == (True, False)


def test_an_auditor_reads_everything_and_changes_nothing(gateway: Any) -> None:
    me = gateway.create_key("auditor", name="audit").get(ME).json
    assert (me["person"], {name for name, each in me["may"].items() if each["commands"]}) == (None, set())
    assert "erp.trial-balance" in me["reports"]


def test_the_first_administrator_and_a_key_without_business_roles_read_theirs(gateway: Any) -> None:
    admin = gateway.client.get(ME).json
    assert (admin["actor"], admin["person"]) == ("admin", None)
    assert "issue" in admin["may"]["gateway.keys"]["commands"]
    assert gateway.create_key("hr", name="people").get(ME).json["may"].get("crm.customers") is None


def test_the_description_that_the_rights_are_of_is_named(gateway: Any) -> None:
    assert gateway.client.get("/openapi.json").headers["ETag"][3:-1] == gateway.client.get(ME).json["document"][:32]


def test_a_key_is_required(gateway: Any) -> None:
    assert gateway.client.with_key(None).get(ME).status_code == 401
    assert gateway.client.get(ME, query_string={"x": "1"}).status_code == 422
