"""Projections: rows derived from a service's own log; a rebuild gives the same rows at any time."""

from shared.projections.comparison import Comparison
from shared.projections.definition import Projection, ResourceProjection, on
from shared.projections.read_models import ProjectionStatus, ReadModels
from shared.projections.reader import Reader
from shared.projections.row_query import UnknownColumn
from shared.projections.rows import Rows
from shared.projections.updating import Progress

__all__ = [
    "Comparison",
    "Progress",
    "Projection",
    "ProjectionStatus",
    "ReadModels",
    "Reader",
    "ResourceProjection",
    "Rows",
    "UnknownColumn",
    "on",
]
