"""HTTP API of CRM."""

from services.crm.service import Crm
from shared.web import service_getter

service = service_getter(Crm)
