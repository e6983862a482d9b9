"""What every process of a service derives at its start, derived once before they are forked: they share the memory."""

from shared.domain.event_classes import AGGREGATE_BY_EVENT
from shared.event_codec import stored_form
from shared.service import Service
from shared.web.app import resources_of_modules


def preload_services() -> None:
    """Preload all services whose modules are imported."""
    for each in Service.__subclasses__():
        preload(each)


def preload(service_class: type[Service]) -> None:
    """Complete what is derived from declarations of a service: its resources, its projections, the firm's events."""
    for resource in resources_of_modules(service_class):
        resource.complete()
    for projection in service_class.projections:
        projection.columns_digest()
        projection.event_names()
    for event_class, aggregate_class in AGGREGATE_BY_EVENT.items():
        if aggregate_class is service_class.firm_class:
            stored_form(event_class)
