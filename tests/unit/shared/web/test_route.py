"""Routes: matched as those of the library, but the functions that build their addresses are compiled when called."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from shared.web import configure_app

ORDER = UUID("11111111-2222-3333-4444-555555555555")


@pytest.fixture(name="app")
def _app() -> Flask:
    app = configure_app(Flask("shop", static_folder=None), "shop")
    app.add_url_rule("/orders/<uuid:id>", "order", lambda id: str(id))
    app.add_url_rule("/orders", "orders", lambda: "all")
    return app


def test_an_address_can_be_built(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("order", id=ORDER) == f"/orders/{ORDER}"
        assert url_for("order", id=ORDER, show="lines") == f"/orders/{ORDER}?show=lines"
        assert url_for("orders") == "/orders"


def test_nothing_is_compiled_for_an_app_that_only_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    original = Rule._compile_builder

    def count(route: Rule, *arguments: Any) -> Any:
        compiled.append(route.rule)
        return original(route, *arguments)

    monkeypatch.setattr(Rule, "_compile_builder", count)
    app = configure_app(Flask("shop", static_folder=None), "shop")
    app.add_url_rule("/orders", "orders", lambda: "all")
    app.url_map.update()
    assert not compiled
    with app.test_request_context():
        assert url_for("orders") == "/orders"
    assert compiled == ["/orders"]
