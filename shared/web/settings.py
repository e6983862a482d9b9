"""`GET` and `PATCH /settings`: the same in every service, with the fields each service declares."""

from functools import cache
from typing import Any

from shared.codec import encode
from shared.domain import ServiceSettings
from shared.fields import Changes
from shared.service import Service
from shared.web.declared import accepts, change_schema_of
from shared.web.replies import Reply, current_service
from shared.web.resource import Resource


@cache
def settings_resource(service_class: type[Service]) -> Resource:
    """Return the resource to read and change the settings of all modules of a service."""
    own: list[type] = [ServiceSettings, *_settings_of(service_class)]
    schemas = [change_schema_of(each, each.__name__) for each in own]
    name = f"Change{service_class.NAME.capitalize()}Settings"
    schema = type(name, tuple(reversed(schemas)), {"__module__": __name__, "__doc__": "Request to change settings."})
    settings = Resource("settings", write="change")

    @settings.get("")
    def now() -> Reply:
        """Current settings of this service; a setting never changed has its default."""
        return _settings_reply(current_service())

    @settings.patch("")
    @accepts(schema)
    def change(body: Changes[Any]) -> Reply:
        """Change settings from now on. 200 with all settings; 412 if they have changed since they were read."""
        current_service().settings.change(**body.given)
        return _settings_reply(current_service())

    return settings


def _settings_of(service_class: type[Service]) -> list[type]:
    return [each.settings for each in service_class.modules if each.settings is not ServiceSettings]


def _settings_reply(service: Service) -> Reply:
    version = service.settings.version
    return Reply(200, {"ETag": f'"{version}"'}, encode({"version": version, **service.settings.current()}))
