"""API client for tests: authenticated by a gateway token, with a new idempotency key for every command."""

import copy
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from shared import telemetry
from shared.identity import GATEWAY, Target, TokenSigner, TokenVerifier, public_jwk
from shared.service import Service
from shared.testing.services import catch_up
from shared.web import Resource, build_service_app, resources_of_modules

_SEED = secrets.token_bytes(32)


class Client(FlaskClient):
    """Client that sends requests as one actor. Explicit headers override the defaults; None omits a header."""

    actor: str = "clerk"
    roles: tuple[str, ...] = ("admin",)
    only_own = False
    permissions: tuple[str, ...] = ("*",)
    own_permissions: tuple[str, ...] = ()
    audience: str
    signer = TokenSigner(GATEWAY, _SEED)

    def open(self, *args: Any, headers: dict[str, str | None] | None = None, **kwargs: Any) -> Any:
        defaults = {
            "Authorization": f"Bearer {self._token(*args, **kwargs)}",
            "Idempotency-Key": uuid4().hex,
        }
        chosen = {**defaults, **(headers or {})}
        sent = {name: value for name, value in chosen.items() if value is not None}
        return super().open(*args, headers=sent, **kwargs)

    def _token(self, address: str, method: str = "GET", **_: Any) -> str:
        target = Target(self.audience, method, unquote(address.partition("?")[0]))
        return self.signer.issue_token(
            self.actor, self.roles, target, only_own=self.only_own, permissions=self.permissions,
            own_permissions=self.own_permissions,
        )  # fmt: skip


def create_client(
    service: Service,
    resources: Iterable[Resource] | None = None,
    *,
    actor: str = "clerk",
    roles: tuple[str, ...] = ("admin",),
    only_own: bool = False,
    permissions: tuple[str, ...] = ("*",),
    own_permissions: tuple[str, ...] = (),
) -> Client:
    """Return a client of the real app of a service: `create_client(crm).post("/customers", json={…})`.

    With `resources` the app has only these. The permissions are those that the gateway would state.
    """
    app = _app_of(service, resources_of_modules(type(service)) if resources is None else tuple(resources))
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.actor, client.roles, client.audience, client.only_own = actor, roles, service.NAME, only_own
    client.permissions, client.own_permissions = permissions, own_permissions
    return client


_apps: dict[tuple[str, tuple[Resource, ...]], Flask] = {}
"""The app for each service and its resources, cached because building it takes longer than most tests."""


def _app_of(service: Service, resources: tuple[Resource, ...]) -> Flask:
    """Return the app of these resources, built once in a test run and bound to this service."""
    cached = _apps.get((service.NAME, resources))
    if cached is None:
        verifier = TokenVerifier({"keys": [public_jwk(GATEWAY, _SEED)]}, service.NAME)
        cached = _apps[service.NAME, resources] = build_service_app(
            service, resources, verifier, "a secret of the tests"
        )
    telemetry.configure_logging(service.NAME)
    app = copy.copy(cached)
    app.extensions = {**cached.extensions, "service": service}
    return app


class ApiCaller:
    """Client of the real app of one service; a GET includes the effects of all earlier commands."""

    def __init__(self, service: Service, resources: Iterable[Resource] | None = None, **caller: Any) -> None:
        self.service = service
        self.client = create_client(service, resources, **caller)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Any:
        return self.client.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, version: int | None) -> Any:
        return self.client.patch(path, json=body, headers={"If-Match": f'"{version}"' if version is not None else None})

    def get(self, path: str) -> Any:
        catch_up(self.service)
        return self.client.get(path)


def usd(amount: str) -> dict[str, str]:
    """Return an amount as it is written in a body."""
    return {"amount": amount, "currency": "USD"}


def field_errors(response: Any) -> dict[str, str]:
    """Return pointer and code of each error of a 422 response."""
    assert response.status_code == 422, response.text
    assert response.content_type == "application/problem+json"
    return {each["pointer"]: each["code"] for each in response.json["errors"]}
