"""Base classes and errors of every domain model."""

from eventsourcing.domain import event

from shared.domain.aggregate import Aggregate
from shared.domain.context import EventContext, Meta, use_context
from shared.domain.errors import (
    AccessDenied,
    AlreadyTaken,
    DomainError,
    FourEyesRequired,
    InvalidInput,
    NotFound,
    NotYetAvailable,
    WrongStatus,
)
from shared.domain.event_application import TYPES_BY_NAME, field_defaults
from shared.domain.unit_of_work import UnitOfWork
from shared.domain.values import PersonalData, derived_id, value

__all__ = [
    "TYPES_BY_NAME",
    "AccessDenied",
    "Aggregate",
    "AlreadyTaken",
    "DomainError",
    "EventContext",
    "FourEyesRequired",
    "InvalidInput",
    "Meta",
    "NotFound",
    "NotYetAvailable",
    "PersonalData",
    "UnitOfWork",
    "WrongStatus",
    "derived_id",
    "event",
    "field_defaults",
    "use_context",
    "value",
]
