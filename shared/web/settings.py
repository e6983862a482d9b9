"""`GET` and `PATCH /settings`: the same in every service, with the fields each service declares."""

from typing import Any

from flask import current_app

from shared.codec import encode, to_plain
from shared.service import Service
from shared.web import fields
from shared.web.replies import Reply
from shared.web.resource import Resource
from shared.web.schema import Schema, accepts


class ChangeSettings(Schema):
    firm = fields.Text(max=200, allow_none=True)
    base_currency = fields.Currency()
    time_zone = fields.TimeZone()


def settings_resource(schema: type[ChangeSettings]) -> Resource:
    """Return the resource to read and change the settings of a service."""
    settings = Resource("settings")

    @settings.get("")
    def now() -> Reply:
        """Current settings of this service; a setting never changed has its default."""
        return _settings_reply(_current_service())

    @settings.patch("")
    @accepts(schema)
    def change(body: dict[str, Any]) -> Reply:
        """Change settings from now on. 200 with all settings; 412 if they have changed since they were read."""
        _current_service().change_settings(**body)
        return _settings_reply(_current_service())

    return settings


def _current_service() -> Service:
    service: Service = current_app.extensions["service"]
    return service


def _settings_reply(service: Service) -> Reply:
    version = service.settings_version
    return Reply(200, {"ETag": f'"{version}"'}, encode({"version": version, **to_plain(service.settings)}))
