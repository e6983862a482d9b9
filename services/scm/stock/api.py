"""Stock of each item in each warehouse."""

from services.scm.stock.projections import Stock
from shared.web import Resource

stock = Resource("stock", Stock)
