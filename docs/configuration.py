"""configuration.md: what a process may be told, read off the settings themselves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.config import Settings

HOME, SERVICE, ENTRY = "/HOME", "SERVICE", "environ_config"
MUST_BE_TOLD = ("service", "home")

BEFORE = """# Settings

{generated}
Every process of the suite is told what it needs by variables of its environment, reads them once at its start, and
never changes them. One that is missing, or cannot be meant, ends the process with a sentence that names it.

## For a suite on one machine

`make run` (`sihe up`) tells its processes everything. These are yours:

| variable | meaning | default |
|---|---|---|
| `SIHE_HOME` | the folder that holds all data of the suite | `var` |
| `SIHE_PORT` | where the gateway listens, on loopback; 0 = any free port | `8080` |
| `SIHE_ADMIN_KEY` | the first key, 16 characters or more | made once, kept in `<home>/admin.key` |

Every `sihe` command reads them, so that it finds the suite. What else of the next table is set is handed on to all
processes of the suite.

## For a single process

`python -m services.crm.main serve` needs these, on this machine or in a cluster. `<service>` and `<home>` stand for the
first two.

| variable | meaning | default |
|---|---|---|"""


def page(generated: str) -> str:
    """The whole page."""
    return "\n".join([BEFORE.format(generated=generated), *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    usual = Settings.from_environment({"SIHE_SERVICE": SERVICE, "SIHE_HOME": HOME})
    for field in Settings.__attrs_attrs__:  # type: ignore[attr-defined]
        default = "must be told" if field.name in MUST_BE_TOLD else _shown(getattr(usual, field.name))
        yield f"| `SIHE_{field.name.upper()}` | {field.metadata[ENTRY].help} | {default} |"


def _shown(default: Any) -> str:
    if isinstance(default, ZoneInfo):
        return f"`{default.key}`"
    if default is None or default == "" or isinstance(default, Mapping):
        return "none"
    written = str(default) if not isinstance(default, Path) else default.as_posix()
    return f"`{written.replace(HOME, '<home>').replace(SERVICE, '<service>')}`"
