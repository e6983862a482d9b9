"""Reports: rows folded from a service's own log, rebuilt from zero to the same rows at any time."""

from shared.report.comparison import Comparison
from shared.report.definition import Collection, Report, on
from shared.report.models import Progress, ReadModels, Standing
from shared.report.reader import Reader, UnknownColumn
from shared.report.rows import Rows

__all__ = [
    "Collection",
    "Comparison",
    "Progress",
    "ReadModels",
    "Reader",
    "Report",
    "Rows",
    "Standing",
    "UnknownColumn",
    "on",
]
