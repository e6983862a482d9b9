"""Master data of legal entities."""

from services.erp.entities import commands, projections
from services.erp.entities.domain.legal_entity import LegalEntity
from shared.master_data import master

entities = master(
    LegalEntity,
    path="entities",
    change_request=commands.ReviseEntity,
    commands=commands.LegalEntities,
    projection=projections.Entities,
    without=("register", "deactivate", "reactivate"),
    write="change",
)
