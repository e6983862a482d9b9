"""What may be said to a command or asked of a list: every field judged, unknown ones refused."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import marshmallow

from shared.web.problems import Problem

V = TypeVar("V", bound=Callable[..., Any])

MOST_OF_A_NAME = 60


class Fault(str):
    """What is wrong with a value, in words, with a stable `code`."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, words: str) -> "Fault":
        fault = super().__new__(cls, words)
        fault.code = code
        return fault


class Schema(marshmallow.Schema):
    """The fields of a body. Faults are told by pointer (RFC 6901), all of them at once."""

    error_messages = {
        "unknown": Fault("unknown_field", "is not a field of this"),
        "type": Fault("not_an_object", "must be an object"),
    }

    class Meta:
        unknown = marshmallow.RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plan = [
            (field.data_key or name, field.attribute or name, field) for name, field in self.load_fields.items()
        ]
        self._hooked = any(self._hooks.values())

    def load(self, data: Any, **kwargs: Any) -> Any:
        """As the library does, but a document without a fault is judged in one go."""
        if type(data) is dict and not self._hooked:
            try:
                return self._flawless(data)
            except marshmallow.ValidationError:
                pass
        return super().load(data, **kwargs)

    def _flawless(self, document: dict[str, Any]) -> dict[str, Any]:
        """The values of a document that has no fault at all; ValidationError at the first one."""
        values, judged = {}, 0
        for name, attribute, field in self._plan:
            given = document.get(name, marshmallow.missing)
            judged += given is not marshmallow.missing
            value = field.deserialize(given, name, document)
            if value is not marshmallow.missing:
                values[attribute] = value
        if judged < len(document):
            raise marshmallow.ValidationError(self.error_messages["unknown"])
        return values

    def judged(self, document: Any) -> dict[str, Any]:
        """The values, in the types of the business. Problem 422 naming each that is wrong."""
        try:
            values: dict[str, Any] = self.load(document)
        except marshmallow.ValidationError as invalid:
            raise Problem(422, "invalid_input", "Some values are wrong.", errors=_told(invalid.messages, "")) from None
        return values


def _told(messages: Any, pointer: str) -> Iterator[dict[str, str]]:
    """The faults in marshmallow's nested answer, each with its pointer."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _told(inner, pointer if name == marshmallow.exceptions.SCHEMA else f"{pointer}/{_escaped(name)}")
    elif isinstance(messages, str):
        yield {"pointer": pointer, "code": getattr(messages, "code", "invalid"), "detail": str(messages)}
    else:
        for each in messages:
            yield from _told(each, pointer)


def _escaped(name: Any) -> str:
    readable = str(name).encode("utf-8", "backslashreplace").decode()[:MOST_OF_A_NAME]
    return readable.replace("~", "~0").replace("/", "~1")


def accepts(schema: type[Schema]) -> Callable[[V], V]:
    """`@accepts(PlaceOrder)`: the view gets the judged `body` (of a GET: `query`). Without it, nothing may be sent."""

    def declare(view: V) -> V:
        view.accepts = schema  # type: ignore[attr-defined]
        return view

    return declare
