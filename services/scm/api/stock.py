"""Stock, per item and warehouse."""

from services.scm.reports import Stock
from shared.web import Resource

stock = Resource("stock", Stock)
