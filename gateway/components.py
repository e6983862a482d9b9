"""Components of the gateway, for its views."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app, g

from gateway.access.application import Access
from gateway.access.keyring import Keyring
from gateway.api_documents import ApiDocuments
from gateway.guesses import Guesses
from gateway.log_check import LogCheck
from gateway.rate_limits import Policy
from gateway.service_clients import CallerRequests, ServiceClients
from shared.config import Network, Settings
from shared.http_client import HttpClient
from shared.identity import TokenVerifier


@dataclass(frozen=True)
class GatewayComponents:
    """`services` answer requests of callers; `probes` and `workers` read health and progress of the same services.

    `home`: the folder of this process, with what a suite on one machine keeps next to its data.
    """

    access: Access
    keyring: Keyring
    services: ServiceClients
    probes: Mapping[str, HttpClient]
    workers: Mapping[str, HttpClient]
    documents: ApiDocuments
    limits: "GatewayLimits"
    log_check: LogCheck
    origins: tuple[str, ...]
    """Origins whose pages may call the API from a browser."""
    verifier: TokenVerifier
    """Verifies the tokens of services, which request checkpoints of the keys' log."""
    home: Path

    def close(self) -> None:
        """Close connections, threads and databases."""
        self.log_check.stop()
        for upstreams in (self.services.upstreams, self.probes, self.workers):
            for each in upstreams.values():
                each.close()
        self.services.threads.shutdown()
        self.access.store.close()
        self.access.access_log.close()


@dataclass(frozen=True)
class GatewayLimits:
    """Rate limits of requests per key and per address, and of wrong keys; none per address in `shared_networks`."""

    per_key: Policy
    per_address: Policy
    guesses: Guesses
    shared_networks: tuple[Network, ...]

    @classmethod
    def from_settings(cls, settings: Settings) -> "GatewayLimits":
        return cls(
            Policy("key", settings.requests_per_key),
            Policy("address", settings.requests_per_address),
            Guesses(Policy("wrong-keys", settings.wrong_keys), settings.shared_networks),
            settings.shared_networks,
        )


def current_components() -> GatewayComponents:
    """Return the components of the current app."""
    components: GatewayComponents = current_app.extensions["gateway"]
    return components


def caller_queries() -> CallerRequests:
    """Return queries to the services on behalf of the current caller."""
    return current_components().services.queries_for(g.caller)
