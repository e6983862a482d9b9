"""Base classes and errors of every domain model."""

from eventsourcing.domain import event

from shared.domain.aggregate import Aggregate, event_field_defaults
from shared.domain.context import EventMetadata, use_context
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
from shared.domain.event_classes import TYPES_BY_NAME
from shared.domain.firm import MAIN_ENTITY, Firm, FirmUnknown, TimeZonePeriod, entity_parts
from shared.domain.master_record import MasterRecord, RecordStatus
from shared.domain.state_table import StateTable, allowed_in, effective_in, refusal_naming, state_table
from shared.domain.unit_of_work import UnitOfWork
from shared.domain.values import PersonalData, ServiceSettings, UniqueValue, UsualReason, derived_id, value_object
from shared.texts import fold_text

__all__ = [
    "MAIN_ENTITY",
    "TYPES_BY_NAME",
    "AccessDenied",
    "Aggregate",
    "AlreadyTaken",
    "DomainError",
    "EventMetadata",
    "Firm",
    "FirmUnknown",
    "FourEyesRequired",
    "InvalidInput",
    "MasterRecord",
    "NotFound",
    "NotYetAvailable",
    "PersonalData",
    "RecordStatus",
    "ServiceSettings",
    "StateTable",
    "TimeZonePeriod",
    "UniqueValue",
    "UnitOfWork",
    "UsualReason",
    "WrongStatus",
    "allowed_in",
    "derived_id",
    "effective_in",
    "entity_parts",
    "event",
    "event_field_defaults",
    "fold_text",
    "refusal_naming",
    "state_table",
    "use_context",
    "value_object",
]
