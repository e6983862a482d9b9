"""Yes or no, lists, and objects with fields of their own."""

from typing import Any

import marshmallow
from marshmallow import ValidationError

from shared.web.fields.base import Field, Shape, refuse

MOST_LINES = 1_000


class Flag(Field):
    """True or false, in these words only."""

    shape: Shape = {"type": "boolean"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return value if type(value) is bool else refuse("not_a_flag", "must be true or false")


class List(marshmallow.fields.List):  # type: ignore[type-arg]
    """`min` to `max` things of one kind; never more than 1,000 lines."""

    def __init__(self, inner: Any, *, min: int = 0, max: int = MOST_LINES, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(inner, **kwargs)
        self._least, self._most = min, max

    make_error = Field.make_error

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is not list:
            refuse("not_a_list", "must be a list")
        if not self._least <= len(value) <= self._most:
            refuse("too_many" if value else "empty", f"must have {self._least} to {self._most} lines")
        try:
            return [self.inner.deserialize(each) for each in value]
        except ValidationError:
            return super()._deserialize(value, attr, data, **kwargs)


class Nested(marshmallow.fields.Nested):
    """An object with fields of its own."""

    make_error = Field.make_error
