"""HTTP API of SRM."""

from services.srm.service import Srm
from shared.web import service_getter

service = service_getter(Srm)
