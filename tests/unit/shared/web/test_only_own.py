"""Callers restricted to their own records: resources whose records have no owner are closed to them."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from shared.projections import ResourceProjection
from shared.web import Resource
from shared.web.internal import PUBLIC_ENDPOINTS
from shared.web.resource import HAS_OWNER
from tests.unit.shared.web.shop import Note, Notes, Shop, create_caller


def test_every_endpoint_of_a_service_without_owners_is_closed(shop: Shop) -> None:
    limited = create_caller(shop, actor="ann", only_own=True)
    statuses = {}
    for rule in limited.application.url_map.iter_rules():
        if rule.endpoint not in PUBLIC_ENDPOINTS:
            path = rule.build({name: _value(name) for name in rule.arguments}, append_unknown=False)
            assert path is not None
            for method in (rule.methods or set()) & {"GET", "POST", "PATCH"}:
                statuses[method, rule.rule] = limited.open(path[1], method=method).status_code
    assert len(statuses) > 20
    assert set(statuses.values()) == {403}
    assert limited.get("/nowhere").status_code == 404


def _value(name: str) -> Any:
    return uuid4() if name.endswith("_id") or name == "id" else 1


class OwnedNotes(ResourceProjection):
    aggregate_class = Note
    columns = {"name": str}
    owned_by = "name"

    @staticmethod
    def to_row(note: Note) -> dict[str, Any]:
        return {"name": note.name}


@pytest.mark.parametrize(("projection", "open_to_owners"), [(OwnedNotes, True), (Notes, False)])
def test_a_resource_is_open_to_owners_if_its_projection_has_an_owner(
    projection: type[ResourceProjection], open_to_owners: bool
) -> None:
    resource = Resource("some-notes", projection)
    resource.post("/<uuid:note_id>/place")(lambda note_id: note_id)
    resource.get("/figures", reads=[Notes])(lambda: None)
    app = Flask("some", static_folder=None)
    app.register_blueprint(resource)
    has_owner = {rule.rule: getattr(app.view_functions[rule.endpoint], HAS_OWNER) for rule in app.url_map.iter_rules()}
    assert has_owner == {
        "/some-notes": open_to_owners,
        "/some-notes/<uuid:note_id>": open_to_owners,
        "/some-notes/<uuid:note_id>/place": open_to_owners,
        "/some-notes/figures": False,
    }
