"""Master data of suppliers."""

from services.srm.suppliers import commands, projections
from services.srm.suppliers.domain.supplier import Supplier
from shared.master_data import master

suppliers = master(
    Supplier,
    path="suppliers",
    request=commands.RegisterSupplier,
    change_request=commands.ReviseSupplier,
    commands=commands.Suppliers,
    projection=projections.Suppliers,
)
