"""ERP as others may ask it."""

from services.erp.application import Erp
from shared.web import serving

service = serving(Erp)
