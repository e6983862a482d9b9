"""The one JSON encoding for everything stored, published and returned: exact, typed, deterministic.

Decimals and ids are strings, dates ISO 8601, `Money` and `UnitPrice` are `{"amount", "currency"}`. Decoding checks
the type (msgspec): unknown fields and wrong types are refused.
"""

import hashlib
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from shared.money import Money, UnitPrice

T = TypeVar("T")

DecodeError = msgspec.DecodeError


def _encode_custom(value: Any) -> Any:
    if isinstance(value, (Money, UnitPrice)):
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    raise NotImplementedError(f"{type(value)} cannot be encoded as JSON")


def decode_custom(value_type: type, stored: Any) -> Any:
    """Return the value of a type unknown to JSON (Money, UnitPrice); msgspec calls it as `dec_hook`."""
    if value_type is Money or value_type is UnitPrice:
        return value_type(Decimal(stored["amount"]), stored["currency"])
    raise NotImplementedError(f"{value_type} cannot be decoded from JSON")


_encoder = msgspec.json.Encoder(enc_hook=_encode_custom)
_deterministic_encoder = msgspec.json.Encoder(enc_hook=_encode_custom, order="deterministic")
_plain_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """Return the value as compact UTF-8 JSON, fields in their declared order."""
    return _encoder.encode(value)


def encoded(text: str) -> msgspec.Raw:
    """Return JSON for a part of a value to encode: it is inserted as it is."""
    return msgspec.Raw(text.encode())


def to_plain(value: Any) -> Any:
    """Return the value as dicts, lists, strings, numbers and booleans only."""
    return msgspec.to_builtins(value, enc_hook=_encode_custom, str_keys=True)


@lru_cache(maxsize=1024)
def _decoder(value_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(value_type, dec_hook=decode_custom)


def decode(stored: bytes | str, value_type: type[T]) -> T:
    """Return the value of this type from its JSON, which is checked. Raises DecodeError."""
    value: T = _decoder(cast("Any", value_type)).decode(stored)
    return value


def decode_untyped(stored: bytes | str) -> Any:
    """Return the value of a JSON text as dicts, lists and plain values, of no given type. Raises DecodeError."""
    return _plain_decoder.decode(stored)


def digest(value: bytes | Any) -> str:
    """Return the SHA-256 (hex) of bytes, or of the JSON of any other value with its keys sorted.

    That form is the same in every run, and not the canonical one of RFC 8785.
    """
    return hashlib.sha256(value if isinstance(value, bytes) else _deterministic_encoder.encode(value)).hexdigest()
