"""A client of ERP's real app."""

from services.erp.application import Erp
from services.erp.main import RESOURCES
from shared.testing.services import up_to_date
from shared.testing.web import Client, client_of


def asking(service: Erp, actor: str = "margaret") -> Client:
    """Return a client whose questions see all that has happened so far."""
    return client_of(up_to_date(service), RESOURCES, actor=actor)
