"""Numbers, exact and in one spelling."""

import re
from decimal import Decimal
from typing import Any

from shared.web import shapes, texts
from shared.web.fields.base import Field, Spelled, refuse

QUANTITY_DIGITS, QUANTITY_DECIMALS = 12, 6
LARGEST_INTEGER = 1 << 53

_DIGITS = re.compile(r"[0-9]{1,18}")


class Number(Spelled):
    """An exact number in a text, between `low` and `high`, both allowed; `above` itself is not."""

    example = "12.5"

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
        pattern = shapes.decimal(digits, decimals, positive=above == 0, signed=low is None and above is None)
        self.shape = {"type": "string", "pattern": pattern}

    def _read(self, text: str) -> Decimal:
        exact = texts.number(text, self._digits, self._decimals)
        if self._above is not None and exact <= self._above:
            refuse("out_of_range", f"must be more than {self._above}")
        if self._low is not None and exact < self._low:
            refuse("out_of_range", f"must be at least {self._low}")
        if self._high is not None and exact > self._high:
            refuse("out_of_range", f"must be at most {self._high}")
        return exact


class Quantity(Number):
    """How much of something, in its unit: more than nothing (`zero=True`: or nothing), to a millionth."""

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(**({"low": 0} if zero else {"above": 0}), **kwargs)


class Percent(Number):
    """A share of a hundred: 0 to 100, to a millionth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=0, high=100, **kwargs)
        self.shape = {"type": "string", "pattern": r"^(?:100|[1-9]?[0-9](?:\.[0-9]{1,6})?)$"}


class Count(Field):
    """A whole number of things or days, exact in every program (up to 2^53)."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self._least, self._most = min, max
        self.shape = {"type": "integer", "minimum": min, "maximum": max}
        self.example = max if max < 30 else 30

    def of_cell(self, text: str) -> int | str:
        return int(text) if _DIGITS.fullmatch(text) else text

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            refuse("not_an_integer", "must be a whole number")
        if not self._least <= value <= self._most:
            refuse("out_of_range", f"must be between {self._least} and {self._most}")
        return value


class Whole(Spelled):
    """A whole number as it stands in an address: digits only."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self._least, self._most = min, max
        self.shape = {"type": "integer", "minimum": min, "maximum": max}
        self.example = max if max < 30 else 30

    def _read(self, text: str) -> int:
        if not _DIGITS.fullmatch(text) or not self._least <= int(text) <= self._most:
            refuse("out_of_range", f"must be a whole number, {self._least} to {self._most}")
        return int(text)
