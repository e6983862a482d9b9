"""What the firm decides for its purchases."""

from shared import settings
from shared.domain import value


@value
class Settings(settings.Settings):
    """What is agreed with a supplier where nothing else is said."""

    payment_terms_days: int = 30
