"""What every kind of value has in common."""

from typing import Any, NoReturn

import marshmallow
from marshmallow import ValidationError

from shared.web.schema import Fault
from shared.web.texts import Unfit

Shape = dict[str, Any]


class Field(marshmallow.fields.Field[Any]):
    """A value. `shape` is how it is told in OpenAPI, `example` one that would be taken."""

    shape: Shape = {}
    example: Any = None
    default_error_messages = {"required": "is required", "null": "may not be null", "not_text": "must be a text"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._simple = not (self.validators or self.pre_load or self.post_load)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """The value in the type of the business. Raises ValidationError."""
        if self._simple and value is not None and value is not marshmallow.missing:
            return self._deserialize(value, attr, data, **kwargs)
        return super().deserialize(value, attr, data, **kwargs)

    def of_cell(self, text: str) -> Any:
        """What a cell of a sheet says in JSON."""
        return text

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Also that of lists and nested objects, which are no `Field`."""
        told = marshmallow.fields.Field.make_error(self, key, **kwargs)
        return ValidationError(Fault(key, str(told.messages[0])))


def refuse(code: str, words: str) -> NoReturn:
    """The value cannot be meant: a stable code, and words."""
    raise ValidationError(Fault(code, words))


class Spelled(Field):
    """Anything that is written as a text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not str:
            raise self.make_error("not_text")
        try:
            return self._read(value)
        except Unfit as unfit:
            refuse(unfit.code, str(unfit))

    def _read(self, text: str) -> Any:
        raise NotImplementedError
