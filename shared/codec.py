"""One JSON for everything stored, published and answered: exact, typed, canonical.

Decimals and ids are strings, dates ISO 8601, `Money` is `{"amount", "currency"}`; what comes
back is checked against its type (msgspec), so a shape nobody knows is refused, not guessed.
"""

import hashlib
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from shared.money import Money

T = TypeVar("T")

Malformed = msgspec.DecodeError


def _encode_other(thing: Any) -> Any:
    if isinstance(thing, Money):
        return {"amount": str(thing.amount), "currency": thing.currency}
    raise NotImplementedError(f"{type(thing)} has no stored form")


def _decode_other(kind: type, stored: Any) -> Any:
    if kind is Money:
        return Money(Decimal(stored["amount"]), stored["currency"])
    raise NotImplementedError(f"{kind} has no stored form")


_encoder = msgspec.json.Encoder(enc_hook=_encode_other)
_sorted = msgspec.json.Encoder(enc_hook=_encode_other, order="deterministic")
_anything = msgspec.json.Decoder()


def encode(thing: Any) -> bytes:
    """The stored form: compact UTF-8 JSON, fields in their declared order."""
    return _encoder.encode(thing)


def plainly(thing: Any) -> Any:
    """The same thing in dicts, lists, strings, numbers and booleans only."""
    return msgspec.to_builtins(thing, enc_hook=_encode_other, str_keys=True)


@lru_cache(maxsize=1024)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_decode_other)


def decode(stored: bytes | str, kind: type[T]) -> T:
    """The thing back, checked against its type. Raises Malformed."""
    thing: T = _decoder(cast("Any", kind)).decode(stored)
    return thing


def decode_plain(stored: bytes | str) -> Any:
    """The JSON as dicts, lists and strings. Raises Malformed."""
    return _anything.decode(stored)


def digest(thing: bytes | Any) -> str:
    """SHA-256, hex, of bytes or of the canonical form (keys sorted) of anything else."""
    return hashlib.sha256(thing if isinstance(thing, bytes) else _sorted.encode(thing)).hexdigest()
