"""`GET` and `PATCH /settings`: the same in every service, with the fields each service declares."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from shared.codec import encode
from shared.domain import FirmUnknown, ServiceSettings
from shared.fields import Changes, Currency, TimeZone
from shared.fields.rows import shape_of
from shared.permissions import is_permitted
from shared.service import Service
from shared.web.commands import CommandTarget
from shared.web.declared import accepts, change_schema_of
from shared.web.problems import current_request
from shared.web.replies import Reply, current_service
from shared.web.resource import Resource
from shared.web.row_columns import AnswerPart

FIRM_FIELDS = ("firm", "base_currency", "time_zone")
"""Settings of the firm that every service shows. They are changed in one place only, the legal entity in ERP."""

_SHOWN_IN_ALL = {"version": int, "firm": str | None, "base_currency": Currency | None, "time_zone": TimeZone | None}

_CHANGED_IN_ENTITY = {
    name: f"{field} is not a setting of one service. Change it with PATCH /api/v1/erp/entities/main."
    for name, field in zip(FIRM_FIELDS, ("The name of the firm", "The base currency", "The time zone"), strict=True)
}


class SettingsTarget(CommandTarget):
    """The settings of the service, which are one record."""

    def version_at(self, path: Mapping[str, Any]) -> int | None:
        """Return the version of the settings, if the caller may read them."""
        service, caller = current_service(), current_request()[1].caller
        if not is_permitted(f"{service.NAME}.settings:read", caller.permissions):
            return None
        with service.runner.read_only(caller):
            version: int = service.settings.version
            return version


@cache
def settings_resource(service_class: type[Service]) -> Resource:
    """Return the resource to read and change the settings of all modules of a service."""
    declared: list[type] = [ServiceSettings, *_settings_of(service_class)]
    schemas = [change_schema_of(each, each.__name__) for each in declared]
    name = f"Change{service_class.NAME.capitalize()}Settings"
    own = {"__module__": __name__, "__doc__": "Request to change settings.", "changed_elsewhere": _CHANGED_IN_ENTITY}
    schema = type(name, tuple(reversed(schemas)), own)
    settings = Resource("settings", write="change", target=SettingsTarget())
    shown = [AnswerPart(_SHOWN_IN_ALL, __name__), *(AnswerPart(shape_of(each), each.__module__) for each in declared)]

    @settings.get("", answers=shown)
    def now() -> Reply:
        """Current settings of this service; a setting never changed has its default. The firm's are those of ERP."""
        return _settings_reply(current_service())

    @settings.patch("", answers=shown)
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
