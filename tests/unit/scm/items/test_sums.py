"""Sums of quantities are written as the quantities are."""

from pathlib import Path

from services.scm.service import Scm
from shared.testing.services import open_service
from shared.testing.web import ApiCaller


def test_a_sum_of_quantities_has_the_spelling_of_a_quantity(tmp_path: Path) -> None:
    scm = ApiCaller(open_service(Scm, tmp_path))
    for sku, unit, point in (("BOLT", "piece", "20"), ("NUT", "piece", "10.50"), ("OIL", "kg", None)):
        scm.post("/items", {"sku": sku, "name": sku, "unit": unit, "reorder_point": point})
    assert scm.get("/items?sum=reorder_point").json["sums"] == {"reorder_point": "30.5"}
    groups = scm.get("/items?sum=reorder_point&group_by=unit").json["data"]
    assert [each["sums"]["reorder_point"] for each in groups] == ["0", "30.5"]
