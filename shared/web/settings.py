"""`GET` and `PATCH /settings`: the same in every service, with the fields each service declares."""

from functools import cache
from typing import Any

from shared.codec import encode
from shared.service import Service
from shared.web import fields
from shared.web.declared import accepts
from shared.web.replies import Reply, current_service
from shared.web.resource import Resource
from shared.web.schema import Schema


class ChangeSettings(Schema):
    """Request to change the settings of a service: here those that each has; those of its modules are added."""

    firm = fields.Text(max=200, allow_none=True)
    base_currency = fields.Currency()
    time_zone = fields.TimeZone()


@cache
def settings_resource(service_class: type[Service]) -> Resource:
    """Return the resource to read and change the settings of all modules of a service."""
    own = {name: each for module in service_class.modules for name, each in module.settings_fields.items()}
    name = f"Change{service_class.NAME.capitalize()}Settings"
    schema = type(name, (ChangeSettings,), {**own, "__module__": __name__})
    settings = Resource("settings", write="change")

    @settings.get("")
    def now() -> Reply:
        """Current settings of this service; a setting never changed has its default."""
        return _settings_reply(current_service())

    @settings.patch("")
    @accepts(schema)
    def change(body: dict[str, Any]) -> Reply:
        """Change settings from now on. 200 with all settings; 412 if they have changed since they were read."""
        current_service().settings.change(**body)
        return _settings_reply(current_service())

    return settings


def _settings_reply(service: Service) -> Reply:
    version = service.settings.version
    return Reply(200, {"ETag": f'"{version}"'}, encode({"version": version, **service.settings.current()}))
