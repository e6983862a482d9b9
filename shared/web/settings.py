"""`GET` and `PATCH /settings`: the same in every service, with the fields each service declares."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from shared.codec import encode
from shared.domain import FirmUnknown, ServiceSettings
from shared.fields import Changes
from shared.service import Service
from shared.web.declared import accepts, change_schema_of
from shared.web.replies import Reply, current_service
from shared.web.resource import Resource

FIRM_FIELDS = ("firm", "base_currency", "time_zone")
"""Settings of the firm that every service shows. They are changed in one place only, the legal entity in ERP."""

_CHANGED_IN_ENTITY = {
    name: f"{field} is not a setting of one service. Change it with PATCH /api/v1/erp/entities/main."
    for name, field in zip(FIRM_FIELDS, ("The name of the firm", "The base currency", "The time zone"), strict=True)
}


@cache
def settings_resource(service_class: type[Service]) -> Resource:
    """Return the resource to read and change the settings of all modules of a service."""
    declared: list[type] = [ServiceSettings, *_settings_of(service_class)]
    schemas = [change_schema_of(each, each.__name__) for each in declared]
    name = f"Change{service_class.NAME.capitalize()}Settings"
    own = {"__module__": __name__, "__doc__": "Request to change settings.", "changed_elsewhere": _CHANGED_IN_ENTITY}
    schema = type(name, tuple(reversed(schemas)), own)
    settings = Resource("settings", write="change")

    @settings.get("")
    def now() -> Reply:
        """Current settings of this service; a setting never changed has its default. The firm's are those of ERP."""
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
    shown = {"version": version, **_firm_fields(service), **service.settings.current()}
    return Reply(200, {"ETag": f'"{version}"'}, encode(shown))


def _firm_fields(service: Service) -> dict[str, str | None]:
    """Return what the service knows of the firm; none of it before it has received the firm."""
    try:
        firm = service.runner.uow.firm
    except FirmUnknown:
        return dict.fromkeys(FIRM_FIELDS)
    return {
        "firm": firm.name,
        "base_currency": firm.base_currency,
        "time_zone": firm.time_zone_at(datetime.now(UTC)),
    }
