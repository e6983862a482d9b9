"""Projections: rows derived from a service's own log; a rebuild gives the same rows at any time."""

from shared.projections.definition import Projection, ResourceProjection, on
from shared.projections.read_models import ProjectionStatus, ReadModels
from shared.projections.reader import RowReader
from shared.projections.row_query import UnknownColumn
from shared.projections.rows import Rows

__all__ = [
    "Projection",
    "ProjectionStatus",
    "ReadModels",
    "ResourceProjection",
    "RowReader",
    "Rows",
    "UnknownColumn",
    "on",
]
