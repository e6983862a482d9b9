"""Wiring of the gateway."""

import sys
from collections.abc import Mapping

from flask import Flask

from gateway.access.admin_key import admin_secret
from gateway.access.application import Access
from gateway.access.keyring import Keyring
from gateway.app import gateway_app
from gateway.docs import Documents
from gateway.parts import Parts
from gateway.readings import Readings
from gateway.services import Services
from gateway.upstream import Upstream
from gateway.views import OUR_VIEWS
from shared import cli
from shared.config import SERVICES, Settings, SettingsMissing
from shared.identity import GATEWAY, Signer
from shared.report.database import open_database
from shared.wiring import build

PROBE_SECONDS = 2.0


def create_service(settings: Settings) -> Access:
    """The gateway's own small service, whose tables `migrate` makes."""
    access = build(Access, settings)
    access.readings = Readings(open_database(settings.readings_url, GATEWAY, "readings"))
    access.beside = (access.readings,)
    return access


def create_app(settings: Settings | None = None) -> Flask:
    """The app for gunicorn: one process of threads, made after the fork."""
    settings = settings or Settings.read()
    access = create_service(settings)
    access.store.check()
    keyring = Keyring(access.store, admin_secret(settings))
    access.store.on_commit = keyring.refresh
    signer = Signer(GATEWAY, bytes.fromhex(settings.identity_seed_file.read_text()))
    services = Services(_upstreams("SIHE_PEERS", settings.peers), signer)
    probes = _upstreams("SIHE_PEERS", settings.peers, read_seconds=PROBE_SECONDS)
    workers = _upstreams("SIHE_WORKERS", settings.workers, read_seconds=PROBE_SECONDS)
    return gateway_app(Parts(access, keyring, services, probes, workers, Documents(services, OUR_VIEWS)))


def _upstreams(variable: str, addresses: Mapping[str, str], **limits: float) -> dict[str, Upstream]:
    missing = [name for name in SERVICES if name not in addresses]
    if missing:
        raise SettingsMissing(f"{variable} does not name {', '.join(missing)}")
    return {name: Upstream(name, addresses[name], **limits) for name in SERVICES}


if __name__ == "__main__":
    sys.exit(cli.main(GATEWAY, sys.modules[__name__]))
