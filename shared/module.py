"""Module: a part of a service with commands, policies, projections and resources of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module  # noqa: TID251 (the one place that imports modules by name)
from typing import TYPE_CHECKING, Any

from shared.commands import Commands
from shared.domain import ServiceSettings
from shared.policies import Policies, PublishedEventMappings
from shared.projections import Projection

if TYPE_CHECKING:
    from flask import Blueprint


@dataclass(frozen=True)
class Module:
    """A module of a service: what it contributes; `requires` names the modules of the service that it uses.

    `settings_fields` are the input fields of its settings, by name.
    """

    name: str
    commands: type[Commands] = Commands
    policies: Policies = field(default_factory=Policies)
    published: PublishedEventMappings = field(default_factory=PublishedEventMappings)
    projections: tuple[type[Projection], ...] = ()
    resources: tuple["Blueprint", ...] = ()
    settings: type[ServiceSettings] = ServiceSettings
    settings_fields: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()


def load_modules(service: str, *names: str) -> tuple[Module, ...]:
    """Return the modules of a service package in this order, which is the order of their reactions to one event.

    Raises TypeError for a module that requires one which is not listed before it.
    """
    modules: dict[str, Module] = {}
    for name in names:
        module: Module = import_module(f"{service}.{name}").module
        if missing := [each for each in module.requires if each not in modules]:
            raise TypeError(f"{service}: list {', '.join(missing)} before {name}, which requires it")
        modules[name] = module
    return tuple(modules.values())
