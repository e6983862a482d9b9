"""`GET` and `PATCH /settings`: the same in every service, with the fields each declares."""

from typing import Any

from flask import current_app

from shared.codec import encode, plainly
from shared.service import Service
from shared.web import fields
from shared.web.answers import Reply
from shared.web.resource import Resource
from shared.web.schema import Schema, accepts


class ChangeSettings(Schema):
    firm = fields.Text(max=200, allow_none=True)
    base_currency = fields.Currency()
    time_zone = fields.TimeZone()


def settings_resource(schema: type[ChangeSettings]) -> Resource:
    """What the firm has decided for a service, and how it decides anew."""
    settings = Resource("settings")

    @settings.get("")
    def now() -> Reply:
        """What the firm has decided for this service; what it has not decided is as it was at the start."""
        return _shown(_service())

    @settings.patch("")
    @accepts(schema)
    def change(body: dict[str, Any]) -> Reply:
        """Decide anew, from now on. 200 with all settings; 412 if they were changed since they were seen."""
        _service().change_settings(**body)
        return _shown(_service())

    return settings


def _service() -> Service:
    service: Service = current_app.extensions["service"]
    return service


def _shown(service: Service) -> Reply:
    version = service.settings_version
    return Reply(200, {"ETag": f'"{version}"'}, encode({"version": version, **plainly(service.settings)}))
