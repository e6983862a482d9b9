"""Exact numbers in one spelling."""

import re
from decimal import Decimal
from typing import Any

from shared import texts
from shared.openapi import shapes
from shared.sheets.cells import CellKind
from shared.web.fields.base import BaseTextField, Field, fail

QUANTITY_DIGITS, QUANTITY_DECIMALS = 12, 6
LARGEST_INTEGER = 1 << 53

NUMBER_CELLS = frozenset({CellKind.NUMBER, CellKind.PADDED})

_EXACT = "because JSON numbers lose decimals"
_DIGITS = re.compile(r"[0-9]{1,18}")


class Number(BaseTextField):
    """An exact number as a string: `low` to `high`, both inclusive, and greater than `above`."""

    example = "12.5"
    cell_kinds = NUMBER_CELLS
    default_error_messages = {"not_text": f'must be a text such as "12.5", {_EXACT}'}

    def __init__(
        self,
        *,
        low: int | None = None,
        high: int | None = None,
        above: int | None = None,
        digits: int = QUANTITY_DIGITS,
        decimals: int = QUANTITY_DECIMALS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._low, self._high, self._above = low, high, above
        self._digits, self._decimals = digits, decimals
        pattern = shapes.decimal_pattern(digits, decimals, positive=above == 0, signed=low is None and above is None)
        self.shape = {"type": "string", "pattern": pattern}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is int:
            fail("not_text", f'must be a text such as "{value}", {_EXACT}')
        return super()._deserialize(value, attr, data, **kwargs)

    def _parse(self, text: str) -> Decimal:
        exact = texts.parse_number(text, self._digits, self._decimals)
        if self._above is not None and exact <= self._above:
            fail("out_of_range", f"must be greater than {self._above}")
        if self._low is not None and exact < self._low:
            fail("out_of_range", f"must be at least {self._low}")
        if self._high is not None and exact > self._high:
            fail("out_of_range", f"must be at most {self._high}")
        return exact


class Quantity(Number):
    """A quantity in its unit: greater than zero (`zero=True`: or zero), with up to 6 decimals."""

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(**({"low": 0} if zero else {"above": 0}), **kwargs)


class Percent(Number):
    """A percentage: 0 to 100, with up to 6 decimals."""

    cell_kinds = NUMBER_CELLS | {CellKind.PERCENTAGE}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=0, high=100, **kwargs)
        self.shape = {"type": "string", "pattern": r"^(?:100|[1-9]?[0-9](?:\.[0-9]{1,6})?)$"}


class _WholeNumberRange(Field):
    """A whole number, exact in every program (up to 2^53)."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._minimum, self._maximum = min, max
        self.shape = {"type": "integer", "minimum": min, "maximum": max}
        self.example = max if max < 30 else 30


class WholeNumber(_WholeNumberRange):
    """A whole number as a JSON number."""

    cell_kinds = NUMBER_CELLS

    def parse_cell_text(self, text: str) -> int | str:
        return int(text) if _DIGITS.fullmatch(text) else text

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            fail("not_an_integer", "must be a whole number")
        if not self._minimum <= value <= self._maximum:
            fail("out_of_range", f"must be between {self._minimum} and {self._maximum}")
        return value


class WholeNumberParameter(_WholeNumberRange, BaseTextField):
    """A whole number as a query parameter: digits only."""

    def _parse(self, text: str) -> int:
        if not _DIGITS.fullmatch(text) or not self._minimum <= int(text) <= self._maximum:
            fail("out_of_range", f"must be a whole number, {self._minimum} to {self._maximum}")
        return int(text)
