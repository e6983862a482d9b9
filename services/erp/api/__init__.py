"""HTTP API of ERP."""

from services.erp.service import Erp
from shared.web import service_getter

service = service_getter(Erp)
