"""Pages for the services, which authenticate with their own tokens: checkpoints of the log of access keys."""

from flask import Blueprint, Response, g, request

from gateway.components import current_components
from shared.config import SERVICES
from shared.identity import AuthenticationFailed
from shared.web import internal

peer_pages = Blueprint("peer_pages", __name__)


@peer_pages.before_request
def authenticate_service() -> None:
    """Accept the token of a service only. Raises AuthenticationFailed."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise AuthenticationFailed("no token")
    g.issuer = current_components().verifier.verify(token, request.method, request.path).issuer
    if g.issuer not in SERVICES:
        raise AuthenticationFailed("not the token of a service")


@peer_pages.get("/audit/checkpoint")
def show_checkpoint() -> Response:
    """Return the newest checkpoint of the keys' log with a proof that it extends the one at `since`."""
    return internal.create_checkpoint()
