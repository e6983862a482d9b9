"""Settings of the firm for accounting."""

from shared.web import fields
from shared.web.settings import ChangeSettings, settings_resource


class ChangeErpSettings(ChangeSettings):
    price_tolerance_percent = fields.Percent()
    quantity_tolerance_percent = fields.Percent()
    write_off_limit = fields.Number(low=0, decimals=2)


firm_settings = settings_resource(ChangeErpSettings)
