"""The four services of a trading firm behind the real gateway, in one process and over HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from gateway.main import build_app, create_service
from shared.codec import decode_untyped
from shared.config import SERVICES, Settings
from shared.identity import TokenVerifier, write_signing_keys
from shared.testing.services import catch_up
from shared.web import build_service_app, resources_of_modules
from shared.wiring import migrate
from tests.flows.firm import TradingFirm

ADMIN_KEY = "the key of the first admin"
PREFIX = "/api/v1"


class _SilentHandler(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Write no log."""


class GatewayDesk:
    """What people with keys of their own do through the gateway, and what its access log then has."""

    def __init__(self, firm: TradingFirm, app: Any) -> None:
        self.firm, self.app = firm, app
        self.secrets = {"admin": ADMIN_KEY}

    def has_key(self, person: str, *roles: str) -> None:
        """Issue a key to a person."""
        issued = self.send("POST", "/access/keys", {"name": f"key of {person}", "person": person, "roles": roles})
        assert issued.status_code == 201, issued.text
        self.secrets[person] = issued.json["secret"]

    def send(self, method: str, path: str, body: Any = None, *, by: str = "admin", **headers: Any) -> Any:
        """Send a request and deliver what follows from it; the answer."""
        client: FlaskClient = self.app.test_client()
        sent = {"Authorization": f"Bearer {self.secrets[by]}", "Idempotency-Key": uuid4().hex, **headers}
        answered = client.open(f"{PREFIX}{path}", method=method, json=body, headers=sent)
        self.firm.deliver_all()
        for service in self.firm.services.values():
            catch_up(service)
        return answered

    def done(self, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """Post what must be accepted, and return the record."""
        answered = self.send("POST", path, {} if body is None else body, **options)
        assert answered.status_code in (200, 201), answered.text
        record: dict[str, Any] = answered.json
        return record

    def log_of(self, method: str, path: str, body: Any = None, **options: Any) -> list[tuple[str, str, str]]:
        """Send a request that must be accepted; return the actor, method and path of each record it adds to the log."""
        before = self.last_record()
        answered = self.send(method, path, body, **options)
        assert answered.status_code < 400, answered.text
        return [(each["actor"], each["method"], each["path"].removeprefix(PREFIX)) for each in self._records(before)]

    def last_record(self) -> int:
        """Return the number of the last record of the access log."""
        return len(self._access_log.after(0, 100_000))

    def _records(self, after: int) -> list[dict[str, Any]]:
        return [decode_untyped(bytes(each.entry)) for each in self._access_log.after(after, 1000)]

    @property
    def _access_log(self) -> Any:
        return self.app.extensions["gateway"].access.access_log


@contextmanager
def open_gateway_desk(folder: Path) -> Iterator[GatewayDesk]:
    """With the services at addresses of their own, which end with it."""
    with ExitStack() as stack:
        firm = TradingFirm(folder)
        stack.callback(firm.close)
        home = folder / "gateway-home"
        write_signing_keys(home / "keys", ("gateway", *SERVICES))
        (home / "keys" / "gateway.secret").write_text("ab" * 32)
        addresses = ",".join(f"{name}={stack.enter_context(_served(firm, name, home))}" for name in SERVICES)
        variables = {"SIHE_SERVICE": "gateway", "SIHE_HOME": str(home), "SIHE_ADMIN_KEY": ADMIN_KEY}
        settings = Settings.from_environment({**variables, "SIHE_PEERS": addresses, "SIHE_WORKERS": addresses})
        migrate(create_service(settings))
        app = build_app(settings)
        stack.callback(lambda: app.extensions["gateway"].close())
        yield GatewayDesk(firm, app)


@contextmanager
def _served(firm: TradingFirm, name: str, home: Path) -> Iterator[str]:
    service = firm.services[name]
    verifier = TokenVerifier.from_file(home / "keys" / "jwks.json", name)
    app = build_service_app(service, resources_of_modules(type(service)), verifier, "a secret of the tests")
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_SilentHandler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
