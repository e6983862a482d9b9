"""Warehousing: the warehouses, and the stock, reservations, backorders and counts of each item in them."""

from services.scm.warehousing.master_data import warehouses
from services.scm.warehousing.published import published
from shared.module import Module

module = Module("warehousing", published=published, master_data=(warehouses,), requires=("items",))
