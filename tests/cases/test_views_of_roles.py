"""A view shows to a role what it may read elsewhere, also in the tree of what happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cases.gateway_desk import GatewayDesk, open_gateway_desk
from tests.cases.test_access_log import a_customer, an_order


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[GatewayDesk]:
    with open_gateway_desk(tmp_path) as desk:
        desk.done("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        desk.done("/scm/items", {"sku": "BOLT", "name": "Bolt", "unit": "piece"})
        yield desk


def types_in(tree: dict[str, Any]) -> Iterator[str]:
    for each in tree["children"]:
        if "type" in each:
            yield each["type"]
        yield from types_in(each)


@pytest.mark.case("X25")
def test_the_tree_of_an_order_has_no_event_of_records_that_the_role_may_not_read(desk: GatewayDesk) -> None:
    order = desk.done("/crm/sales-orders", an_order(a_customer(desk, "TREE")))
    desk.done(f"/crm/sales-orders/{order['id']}/place")
    path = f"/views/orders/{order['id']}"
    all_types = {*types_in(desk.send("GET", path).json["correlation_tree"])}
    assert "erp.CreditAccount.OrderApproved" in all_types, all_types
    desk.has_key("anna", "sales")
    shown = {*types_in(desk.send("GET", path, by="anna").json["correlation_tree"])}
    assert "crm.SalesOrder.Placed" in shown
    hidden = ("erp.CreditAccount", "erp.SalesOrderInvoicing", "scm.Fulfilment", "scm.Shipment", "scm.PurchaseRequest")
    assert [each for each in sorted(shown) if each.startswith(hidden)] == []
