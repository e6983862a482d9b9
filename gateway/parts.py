"""What the gateway is made of, for its views."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, g

from gateway.access.application import Access
from gateway.access.keyring import Keyring
from gateway.docs import Documents
from gateway.services import Asking, Services
from gateway.upstream import Upstream


@dataclass(frozen=True)
class Parts:
    """`services` are asked on behalf of callers; `probes` and `workers` are the same services' health and progress."""

    access: Access
    keyring: Keyring
    services: Services
    probes: Mapping[str, Upstream]
    workers: Mapping[str, Upstream]
    documents: Documents

    def close(self) -> None:
        """Let go of connections and threads."""
        for upstreams in (self.services.upstreams, self.probes, self.workers):
            for each in upstreams.values():
                each.close()
        self.services.threads.shutdown()
        self.access.store.close()
        self.access.readings.close()


def parts() -> Parts:
    """Those of the app that answers."""
    found: Parts = current_app.extensions["gateway"]
    return found


def asking() -> Asking:
    """Questions to the services in the name of whoever asks us."""
    return parts().services.asked_by(g.caller)
