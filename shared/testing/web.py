"""A caller for tests of an API: vouched for like everybody, with a new key for every command."""

import copy
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from shared import telemetry
from shared.identity import GATEWAY, Signer, Verifier, public_key
from shared.service import Service
from shared.testing.services import up_to_date
from shared.web import Resource, service_app

_SEED = secrets.token_bytes(32)


class Client(FlaskClient):
    """Asks as one actor. Headers given by hand win; None leaves one out."""

    actor: str = "somebody"
    roles: tuple[str, ...] = ("admin",)
    only_own = False
    audience: str
    signer = Signer(GATEWAY, _SEED)

    def open(self, *args: Any, headers: dict[str, str | None] | None = None, **kwargs: Any) -> Any:
        usual = {
            "Authorization": f"Bearer {self._token()}",
            "Idempotency-Key": uuid4().hex,
        }
        wanted = {**usual, **(headers or {})}
        given = {name: value for name, value in wanted.items() if value is not None}
        return super().open(*args, headers=given, **kwargs)

    def _token(self) -> str:
        return self.signer.token(self.actor, self.roles, self.audience, only_own=self.only_own)


def client_of(
    service: Service,
    resources: Iterable[Resource],
    *,
    actor: str = "somebody",
    roles: tuple[str, ...] = ("admin",),
    only_own: bool = False,
) -> Client:
    """Somebody who asks this service over its real app: `client_of(crm, [customers]).post("/customers", json={…})`."""
    app = _app_of(service, tuple(resources))
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.actor, client.roles, client.audience, client.only_own = actor, roles, service.NAME, only_own
    return client


_apps: dict[tuple[str, tuple[Resource, ...]], Flask] = {}
"""The app of each service and its resources: building one takes longer than most tests."""


def _app_of(service: Service, resources: tuple[Resource, ...]) -> Flask:
    """Return the app of these resources, built once for each run and bound to this service."""
    known = _apps.get((service.NAME, resources))
    if known is None:
        verifier = Verifier({"keys": [public_key(GATEWAY, _SEED)]}, service.NAME)
        known = _apps[service.NAME, resources] = service_app(service, resources, verifier, "a secret of the tests")
    telemetry.set_up(service.NAME)
    app = copy.copy(known)
    app.extensions = {**known.extensions, "service": service}
    return app


class Caller:
    """Somebody who asks one service over its real app; a question sees everything that was said before it."""

    def __init__(self, service: Service, resources: Iterable[Resource], **who: Any) -> None:
        self.service = service
        self.client = client_of(service, resources, **who)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Any:
        return self.client.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, version: int | None) -> Any:
        return self.client.patch(path, json=body, headers={"If-Match": f'"{version}"' if version else None})

    def get(self, path: str) -> Any:
        up_to_date(self.service)
        return self.client.get(path)


def usd(amount: str) -> dict[str, str]:
    """Return an amount as it stands in a body."""
    return {"amount": amount, "currency": "USD"}


def faults(answered: Any) -> dict[str, str]:
    """Return pointer and code of everything a 422 names."""
    assert answered.status_code == 422, answered.text
    assert answered.content_type == "application/problem+json"
    return {each["pointer"]: each["code"] for each in answered.json["errors"]}
