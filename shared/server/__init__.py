"""HTTP server of the APIs: a gunicorn worker that receives whole requests before a thread serves them."""

from shared.server.limits import ServerLimits
from shared.server.worker import ServerLogger, worker_class

__all__ = ["ServerLimits", "ServerLogger", "worker_class"]
