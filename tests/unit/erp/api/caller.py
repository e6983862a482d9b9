"""A client of ERP's real app."""

from services.erp.main import RESOURCES
from services.erp.service import Erp
from shared.testing.services import catch_up
from shared.testing.web import Client, create_client


def create_erp_client(service: Erp, actor: str = "margaret") -> Client:
    """Return a client whose questions see all that has happened so far."""
    return create_client(catch_up(service), RESOURCES, actor=actor)
