"""CRM as others may ask it."""

from services.crm.application import Crm
from shared.web import serving

service = serving(Crm)
