"""Entities: the legal entities of the firm, with base currency, time zone and fiscal calendar."""

from services.erp.entities.commands import Entities
from services.erp.entities.master_data import entities
from services.erp.entities.published import published
from shared.module import Module

module = Module("entities", commands=Entities, published=published, master_data=(entities,))
