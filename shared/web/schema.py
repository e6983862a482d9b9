"""Schemas of bodies and queries: every field is validated, unknown fields are refused."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import marshmallow

from shared.web.problems import MAX_NAME_LENGTH, invalid_values, unknown_name_detail


class FieldErrorMessage(str):
    """Message of an error in one field: a string with a stable `code`."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, message: str) -> "FieldErrorMessage":
        error = super().__new__(cls, message)
        error.code = code
        return error


class Schema(marshmallow.Schema):
    """Base class of schemas of bodies and queries. All errors are returned together, each with its pointer."""

    error_messages = {
        "unknown": FieldErrorMessage("unknown_field", "Unknown field."),
        "type": FieldErrorMessage("not_an_object", "must be an object"),
    }

    changed_elsewhere: ClassVar[Mapping[str, str]] = {}
    """Fields that this request does not change, each with the sentence that refuses it, and names another request."""

    example: ClassVar[Mapping[str, Any] | None] = None
    """A realistic request; without it, one is made from the examples of the fields."""

    class Meta:
        unknown = marshmallow.RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plan = [
            (field.data_key or name, field.attribute or name, field) for name, field in self.load_fields.items()
        ]
        self._hooked = any(self._hooks.values())

    @classmethod
    def field_names(cls) -> frozenset[str]:
        """Return the names of the fields in requests."""
        return frozenset(field.data_key or name for name, field in cls().load_fields.items())

    @classmethod
    def explain_fixed(cls, names: Iterable[str]) -> None:
        """Let fields that only a new record has be refused with this reason."""
        fixed = {each: f"{each} cannot be changed later." for each in names}
        cls.changed_elsewhere = {**fixed, **cls.changed_elsewhere}

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Load as the library does, with a fast path for documents without errors."""
        if type(data) is dict and not self._hooked:
            try:
                return self._load_valid(data)
            except marshmallow.ValidationError:
                pass
        return super().load(data, **kwargs)

    def _load_valid(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a valid document. Raises ValidationError at the first error."""
        values, known = {}, 0
        for name, attribute, field in self._plan:
            given = document.get(name, marshmallow.missing)
            known += given is not marshmallow.missing
            value = field.deserialize(given, name, document)
            if value is not marshmallow.missing:
                values[attribute] = value
        if known < len(document):
            raise marshmallow.ValidationError(self.error_messages["unknown"])
        return values

    def handle_error(self, error: marshmallow.ValidationError, data: Any, **kwargs: Any) -> None:
        """Name each unknown field and the allowed ones, as the library calls this for each object with errors."""
        assert isinstance(error.messages, dict)
        allowed = [name for name, _, _ in self._plan]
        for name, messages in error.messages.items():
            if messages == [self.error_messages["unknown"]]:
                detail = self.changed_elsewhere.get(name) or unknown_name_detail("field", str(name), allowed)
                error.messages[name] = [FieldErrorMessage("unknown_field", detail)]

    def parse(self, document: Any) -> Any:
        """Return the values in their domain types. Raises ProblemError 422 with all errors."""
        try:
            return self.load(document)
        except marshmallow.ValidationError as invalid:
            raise invalid_values(list(_errors_with_pointers(invalid.messages, ""))) from None


def _errors_with_pointers(messages: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Yield the errors in marshmallow's nested messages, each with its pointer."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            is_whole = name == marshmallow.exceptions.SCHEMA
            yield from _errors_with_pointers(inner, pointer if is_whole else f"{pointer}/{pointer_part(name)}")
    elif isinstance(messages, str):
        yield {"pointer": pointer, "code": getattr(messages, "code", "invalid"), "detail": str(messages)}
    else:
        for each in messages:
            yield from _errors_with_pointers(each, pointer)


def pointer_part(name: object) -> str:
    """Return a name, escaped, as one part of a pointer (RFC 6901)."""
    readable = str(name).encode("utf-8", "backslashreplace").decode()[:MAX_NAME_LENGTH]
    return readable.replace("~", "~0").replace("/", "~1")
