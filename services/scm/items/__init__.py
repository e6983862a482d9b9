"""Items: the products that are stocked, bought and sold, units of measure, and quantities of items."""

from services.scm.items.commands import Items
from services.scm.items.master_data import items, units
from services.scm.items.published import published
from shared.module import Module

module = Module("items", commands=Items, published=published, master_data=(items, units))
