"""Settings of SCM."""

from shared.web import fields
from shared.web.settings import ChangeSettings, settings_resource


class ChangeScmSettings(ChangeSettings):
    default_warehouse = fields.Code(allow_none=True)
    over_receipt_percent = fields.Percent()


firm_settings = settings_resource(ChangeScmSettings)
