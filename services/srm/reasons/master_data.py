"""Master data of reasons."""

from dataclasses import dataclass

from shared.domain import UsualReason
from shared.master_data import master


@dataclass(frozen=True, kw_only=True)
class ReasonEntry(UsualReason):
    """A usual reason for commands of SRM."""


reasons = master(ReasonEntry, path="reasons", search=("code", "text"))
