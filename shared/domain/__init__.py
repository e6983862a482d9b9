"""Base classes and errors of every domain model."""

from eventsourcing.domain import event

from shared.domain.aggregate import Aggregate, event_field_defaults
from shared.domain.amounts import (
    AmountTooLarge,
    ForeignCurrency,
    is_within_maximum,
    require_amount_in_currency,
    require_base_currency,
    require_total_of_lines_within_maximum,
)
from shared.domain.contacts import ContactErasedError, ContactHolder
from shared.domain.context import EventMetadata, use_context
from shared.domain.dates import DatedBefore, require_not_before
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
from shared.domain.package_data import read_package_data
from shared.domain.per_entity import PerEntity
from shared.domain.record_kind import RecordKind, UnknownReference
from shared.domain.state_table import StateTable, allowed_in, effective_in, state_table
from shared.domain.two_person_request import TwoPersonRequest
from shared.domain.unit_of_measure import NotDivisible, UnitOfMeasure
from shared.domain.unit_of_work import UnitOfWork
from shared.domain.values import (
    Address,
    AddressKind,
    Contact,
    LineQuantity,
    ServiceSettings,
    UniqueValue,
    UsualReason,
    derived_id,
    line_quantities,
    value_object,
)
from shared.fields import PersonalData
from shared.texts import fold_text

__all__ = [
    "MAIN_ENTITY",
    "TYPES_BY_NAME",
    "AccessDenied",
    "Address",
    "AddressKind",
    "Aggregate",
    "AlreadyTaken",
    "AmountTooLarge",
    "Contact",
    "ContactErasedError",
    "ContactHolder",
    "DatedBefore",
    "DomainError",
    "EventMetadata",
    "Firm",
    "FirmUnknown",
    "ForeignCurrency",
    "FourEyesRequired",
    "InvalidInput",
    "LineQuantity",
    "MasterRecord",
    "NotDivisible",
    "NotFound",
    "NotYetAvailable",
    "PerEntity",
    "PersonalData",
    "RecordKind",
    "RecordStatus",
    "ServiceSettings",
    "StateTable",
    "TimeZonePeriod",
    "TwoPersonRequest",
    "UniqueValue",
    "UnitOfMeasure",
    "UnitOfWork",
    "UnknownReference",
    "UsualReason",
    "WrongStatus",
    "allowed_in",
    "derived_id",
    "effective_in",
    "entity_parts",
    "event",
    "event_field_defaults",
    "fold_text",
    "is_within_maximum",
    "line_quantities",
    "read_package_data",
    "require_amount_in_currency",
    "require_base_currency",
    "require_not_before",
    "require_total_of_lines_within_maximum",
    "state_table",
    "use_context",
    "value_object",
]
