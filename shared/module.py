"""Module: a part of a service with commands, policies, projections and resources of its own."""

from dataclasses import dataclass, field
from importlib import import_module  # noqa: TID251 (the one place that imports modules by name)
from typing import TYPE_CHECKING, Protocol

from shared.commands import Commands
from shared.domain import ServiceSettings
from shared.policies import Policies, PublishedEventMappings
from shared.projections import Projection

if TYPE_CHECKING:
    from flask import Blueprint


class DeclaredMasterData(Protocol):
    """What a declaration of master data adds to a module (`shared.master_data`)."""

    @property
    def name(self) -> str:
        """The name of its commands in the module."""

    @property
    def commands(self) -> type[Commands]:
        """The class of its commands."""

    @property
    def projection(self) -> type[Projection]:
        """The projection of its records."""

    @property
    def resource(self) -> "Blueprint":
        """Its resource of the API."""


@dataclass(frozen=True)
class Module:
    """A module of a service: what it contributes; `requires` names the modules of the service that it uses."""

    name: str
    commands: type[Commands] = Commands
    policies: Policies = field(default_factory=Policies)
    published: PublishedEventMappings = field(default_factory=PublishedEventMappings)
    projections: tuple[type[Projection], ...] = ()
    resources: tuple["Blueprint", ...] = ()
    master_data: tuple[DeclaredMasterData, ...] = ()
    settings: type[ServiceSettings] = ServiceSettings
    requires: tuple[str, ...] = ()

    @property
    def all_projections(self) -> tuple[type[Projection], ...]:
        """Its own projections, and those of its master data."""
        return (*self.projections, *(each.projection for each in self.master_data))

    @property
    def all_resources(self) -> tuple["Blueprint", ...]:
        """Its own resources, and those of its master data."""
        return (*self.resources, *(each.resource for each in self.master_data))


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
