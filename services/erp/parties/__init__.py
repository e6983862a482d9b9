"""Parties: the customers and suppliers in the books, with code and name; commands name known ones only."""

from services.erp.parties.commands import Parties
from services.erp.parties.policies import policies
from services.erp.parties.projections import PartyNames
from shared.module import Module

module = Module("parties", commands=Parties, policies=policies, projections=(PartyNames,), requires=("entities",))
