"""What every aggregate and every stored value is made of."""

from eventsourcing.domain import event

from shared.domain.aggregate import Aggregate
from shared.domain.context import Context, Meta, within
from shared.domain.find import Find
from shared.domain.refusals import (
    AlreadyTaken,
    InvalidInput,
    NeedsAnother,
    NotFound,
    NotYetKnown,
    NotYours,
    Refused,
    WrongStatus,
)
from shared.domain.remembering import NAMES, defaults_of
from shared.domain.values import Personal, derived_id, value

__all__ = [
    "NAMES",
    "Aggregate",
    "AlreadyTaken",
    "Context",
    "Find",
    "InvalidInput",
    "Meta",
    "NeedsAnother",
    "NotFound",
    "NotYetKnown",
    "NotYours",
    "Personal",
    "Refused",
    "WrongStatus",
    "defaults_of",
    "derived_id",
    "event",
    "value",
    "within",
]
