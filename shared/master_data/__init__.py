"""Master data: plain records with everything that people expect of a list, from one declaration.

@dataclass(frozen=True, kw_only=True)
class CarrierEntry:
    code: Code
    name: Text
    phone: Phone | None = None

carriers = master(CarrierEntry, path="carriers", unique="code", search=("code", "name"))

This gives create, PATCH with If-Match, deactivate and reactivate, a list with filter, sort, search and cursor, batch,
sheets in and out, and the events `Registered`, `Revised`, `Deactivated` and `Reactivated`.
"""

from shared.master_data.commands import MasterCommands
from shared.master_data.master import MasterData, master
from shared.master_data.projection import MasterProjection

__all__ = ["MasterCommands", "MasterData", "MasterProjection", "master"]
