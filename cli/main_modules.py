"""The `main` modules of the processes of a suite, imported by name to avoid dependencies on them."""

from importlib import import_module
from types import ModuleType

from shared.identity import GATEWAY


def main_module_of(process: str) -> ModuleType:
    """Return the module that wires a service or the gateway."""
    return import_module("gateway.main" if process == GATEWAY else f"services.{process}.main")
