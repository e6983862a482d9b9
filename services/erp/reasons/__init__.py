"""Reasons: the usual reasons that people choose from when a command needs one."""

from services.erp.reasons.master_data import reasons
from shared.module import Module

module = Module("reasons", master_data=(reasons,))
