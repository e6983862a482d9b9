"""Settings of CRM."""

from shared.web import fields
from shared.web.settings import ChangeSettings, settings_resource


class ChangeCrmSettings(ChangeSettings):
    payment_terms_days = fields.WholeNumber(max=3650)


firm_settings = settings_resource(ChangeCrmSettings)
