"""SRM as others may ask it."""

from services.srm.application import Srm
from shared.web import serving

service = serving(Srm)
