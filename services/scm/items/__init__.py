"""Items: the products that are stocked, bought and sold, and quantities of them."""

from services.scm.items import projections
from services.scm.items.api import items
from services.scm.items.commands import Items
from shared.module import Module

module = Module("items", commands=Items, projections=(projections.Items,), resources=(items,))
