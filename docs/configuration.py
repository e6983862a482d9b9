"""The page configuration.md: all settings of a process, generated from their declaration."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import attrs

from shared.config import REQUIRED, Settings, secret_settings

HOME, SERVICE, ENTRY = "/HOME", "SERVICE", "environ_config"

BEFORE = """# Settings

{generated}
A process reads its settings once from environment variables when it starts; they never change while it runs. All are
judged before anything starts: nothing starts with a missing or invalid setting, and the error lists every one with what
is required. A variable that begins with `SIHE_` and is no setting has no effect; a warning names the nearest setting.

## For a suite on one machine

`make run` (`sihe up`) sets all settings of its processes. You may set these:

| variable | meaning | default |
|---|---|---|
| `SIHE_HOME` | the folder that holds all data of the suite | `var` |
| `SIHE_PORT` | the port of the gateway, on loopback; 0 = any free port | `8080` |
| `SIHE_ADMIN_KEY` | the first access key, 16 characters or more | generated once into `<home>/admin.key` |

Every `sihe` command reads them to find the suite. `sihe up` passes other settings of the next table on to all
processes, except those that it sets itself: the home folder, the addresses and the ports. `SIHE_<NAME>_URL` may then
name a PostgreSQL database, but no file, because each service needs files of its own.

## For a single process

A process that is started on its own reads these settings, for example `python -m services.crm.main serve`. In the
defaults, `<service>` and `<home>` stand for the first two settings; `python -m services.<service>.main` sets
`SIHE_SERVICE` itself.

The value of a secret may be in a file instead, whose path the variable with `_FILE` at its end has, such as
`SIHE_ADMIN_KEY_FILE=/run/secrets/admin`. Secrets are {secrets}.

| variable | meaning | default |
|---|---|---|"""


def page(generated: str) -> str:
    """Return the content of the page."""
    secrets = ", ".join(f"`{each}`" for each in secret_settings())
    return "\n".join([BEFORE.format(generated=generated, secrets=secrets), *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    usual = Settings.from_environment({"SIHE_SERVICE": SERVICE, "SIHE_HOME": HOME})
    for field in attrs.fields(cast("Any", Settings)):
        default = "required" if field.name in REQUIRED else _shown(getattr(usual, field.name))
        yield f"| `SIHE_{field.name.upper()}` | {field.metadata[ENTRY].help} | {default} |"


def _shown(default: Any) -> str:
    if isinstance(default, ZoneInfo):
        return f"`{default.key}`"
    if default is None or default == "" or isinstance(default, Mapping):
        return "none"
    written = str(default) if not isinstance(default, Path) else default.as_posix()
    return f"`{written.replace(HOME, '<home>').replace(SERVICE, '<service>')}`"
