"""HTTP API of SCM."""

from services.scm.service import Scm
from shared.web import service_getter

service = service_getter(Scm)
