"""SCM as others may ask it."""

from services.scm.application import Scm
from shared.web import serving

service = serving(Scm)
