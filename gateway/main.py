"""Wiring of the gateway process."""

import sys
from collections.abc import Mapping

from flask import Flask

from gateway.access.admin_key import get_or_create_admin_secret
from gateway.access.application import Access
from gateway.access.keyring import Keyring
from gateway.access_log import AccessLog
from gateway.access_log_check import AccessLogCheck
from gateway.api_documents import ApiDocuments
from gateway.app import create_gateway_app
from gateway.components import GatewayComponents, GatewayLimits
from gateway.log_check import LogCheck
from gateway.service_clients import ServiceClients
from gateway.views import OWN_VIEWS
from shared import cli
from shared.cli import AT_EXIT
from shared.config import SERVICES, InvalidSettings, Settings
from shared.http_client import HttpClient
from shared.identity import GATEWAY, TokenSigner, TokenVerifier
from shared.projections.database_url import open_database
from shared.wiring import build_service

PROBE_TIMEOUT_SECONDS = 2.0


def create_service(settings: Settings) -> Access:
    """Return the gateway's own service (access keys, access log); `migrate` creates its tables."""
    access = build_service(Access, settings)
    secret = bytes.fromhex(settings.secret_file.read_text())
    access.access_log = AccessLog(open_database(settings.readings_url, GATEWAY, "readings"), secret)
    access.additional_storage = (access.access_log,)
    return access


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app for gunicorn: one process with threads, created after the fork. The check of its log runs."""
    app = build_app(settings or Settings.from_environment())
    components: GatewayComponents = app.extensions["gateway"]
    components.log_check.start()
    app.extensions[AT_EXIT] = components.close
    return app


def build_app(settings: Settings) -> Flask:
    """Return the app without the standing check."""
    access = create_service(settings)
    access.store.check()
    keyring = Keyring(access.store, get_or_create_admin_secret(settings))
    access.store.on_commit = keyring.refresh
    signer = TokenSigner(GATEWAY, bytes.fromhex(settings.identity_seed_file.read_text()))
    services = ServiceClients(_upstreams("SIHE_PEERS", settings.peers), signer)
    probes = _upstreams("SIHE_PEERS", settings.peers, read_seconds=PROBE_TIMEOUT_SECONDS)
    workers = _upstreams("SIHE_WORKERS", settings.workers, read_seconds=PROBE_TIMEOUT_SECONDS)
    return create_gateway_app(
        GatewayComponents(
            access,
            keyring,
            services,
            probes,
            workers,
            ApiDocuments(services, OWN_VIEWS),
            GatewayLimits.from_settings(settings),
            LogCheck(
                access.store, access.chain, services, AccessLogCheck(access.access_log, access.access_log_lengths)
            ),
            settings.origins,
            TokenVerifier.from_file(settings.jwks_file, GATEWAY),
            settings.home,
        )
    )


def _upstreams(variable: str, addresses: Mapping[str, str], **limits: float) -> dict[str, HttpClient]:
    missing = [name for name in SERVICES if name not in addresses]
    if missing:
        raise InvalidSettings(f"{variable} must also list {', '.join(missing)}")
    return {name: HttpClient(name, addresses[name], **limits) for name in SERVICES}


if __name__ == "__main__":
    sys.exit(cli.main(GATEWAY, sys.modules[__name__]))
