"""A caller for tests of an API: vouched for like everybody, with a new key for every command."""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

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
    verifier = Verifier({"keys": [public_key(GATEWAY, _SEED)]}, service.NAME)
    app = service_app(service, resources, verifier, "a secret of the tests")
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.actor, client.roles, client.audience, client.only_own = actor, roles, service.NAME, only_own
    return client


class Caller:
    """Somebody who asks one service over its real app; a question sees everything that was said before it."""

    def __init__(self, service: Service, resources: Iterable[Resource], **who: Any) -> None:
        self.service = service
        self.client = client_of(service, resources, **who)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Any:
        return self.client.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, version: int) -> Any:
        return self.client.patch(path, json=body, headers={"If-Match": f'"{version}"'})

    def get(self, path: str) -> Any:
        up_to_date(self.service)
        return self.client.get(path)
