"""Fixtures: clients of a gateway, one for each role, without services behind it; requests that wait for no events."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from gateway.access.roles import ROLES
from gateway.main import build_app, create_service
from shared.config import SERVICES, Settings
from shared.identity import write_signing_keys
from shared.wiring import migrate

NO_ADDRESS = ",".join(f"{name}=http://127.0.0.1:1" for name in SERVICES)
ADMIN_KEY = "the key of the first admin"


class RoleClient(Client):
    """Client of the gateway that sends an access key with every request."""

    key = ADMIN_KEY

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, headers={"Authorization": f"Bearer {self.key}"}, **kwargs)


@pytest.fixture(autouse=True)
def _requests_wait_for_no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker delivers events while a request waits."""
    monkeypatch.setattr("shared.web.commands.MAX_WAIT_SECONDS", 0)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RoleClient]]:
    """Return a client for each role."""
    home = tmp_path_factory.mktemp("gateway")
    write_signing_keys(home / "keys", ("gateway", *SERVICES))
    (home / "keys" / "gateway.secret").write_text("ab" * 32)
    variables = {"SIHE_SERVICE": "gateway", "SIHE_HOME": str(home), "SIHE_ADMIN_KEY": ADMIN_KEY}
    settings = Settings.from_environment({**variables, "SIHE_PEERS": NO_ADDRESS, "SIHE_WORKERS": NO_ADDRESS})
    migrate(create_service(settings))
    app = build_app(settings)
    yield {role: _with_role(RoleClient(app), role) for role in ROLES}
    app.extensions["gateway"].close()


def _with_role(admin: RoleClient, role: str) -> RoleClient:
    issued = admin.post("/api/v1/access/keys", json={"name": f"key of {role}", "roles": [role]})
    assert issued.status_code == 201, issued.text
    client = RoleClient(admin.application)
    client.key = issued.get_json()["secret"]
    return client
