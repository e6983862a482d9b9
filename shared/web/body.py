"""What a client sends, read strictly: counted in real bytes, and only the one JSON everybody reads the same way."""

import json
import re
from typing import Any

from flask import request

from shared.web.problems import BODY_READ, Problem

MOST_BYTES = 1 << 20
MOST_LEVELS = 32
LONGEST_INTEGER = 20
PATIENCE_SECONDS = 10

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON = re.compile(r"application/json *(?:; *charset=\"?utf-8\"? *)?", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")
_NOT_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_TOO_MANY = b"[" * (MOST_LEVELS + 1)
_ONE_KIND_OF_BRACKET = bytes.maketrans(b"{}", b"[]")


class Inexact:
    """A number no field takes as it is: with a fraction, an exponent, or too many digits."""


class _Twice(ValueError):
    """A name stands twice in one object."""


def read_body(most: int = MOST_BYTES) -> bytes:
    """The whole body, however it is sent. Problem 413 over `most` bytes, 400 if it is cut, 408 if it does not come."""
    return _whole(request.environ, most)


def _whole(environ: dict[str, Any], most: int) -> bytes:
    stated = environ.get("CONTENT_LENGTH")
    if stated:
        return _stated(environ, stated, most)
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body = _read(environ, most + 1)
    if len(body) > most:
        raise _too_large(most)
    return body


def _stated(environ: dict[str, Any], stated: str, most: int) -> bytes:
    if not _LENGTH.fullmatch(stated):
        raise Problem(400, "malformed_length", "Content-Length is not a number.")
    if int(stated) > most:
        raise _too_large(most)
    body = _read(environ, int(stated))
    if len(body) < int(stated):
        raise _cut()
    return body


def _read(environ: dict[str, Any], size: int) -> bytes:
    environ[BODY_READ] = True
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(PATIENCE_SECONDS)
    try:
        body: bytes = environ["wsgi.input"].read(size)
    except TimeoutError:
        raise Problem(408, "too_slow", "The body did not come in time.", headers=_CLOSE) from None
    except Exception as broken:
        raise _cut() from broken
    if connection is not None:
        connection.settimeout(None)
    return body


_CLOSE = {"Connection": "close"}


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"A body may have {most} bytes.", headers=_CLOSE)


def _cut() -> Problem:
    return Problem(400, "cut", "The body ends before it should.", headers=_CLOSE)


def read_json(environ: dict[str, Any], *, needed: bool = False) -> tuple[bytes, Any]:
    """The body as it came and what it says; `(b"", None)` where there is none, or Problem 400 where it is `needed`.

    Problem 415, and those of `parsed`.
    """
    if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
        body = b""
    else:
        body = read_plain(environ, _JSON, "application/json in UTF-8")
    if needed and not body:
        raise Problem(400, "empty_body", "A body is needed.")
    return body, parsed(body) if body else None


def read_plain(environ: dict[str, Any], kind: re.Pattern[str], words: str) -> bytes:
    """The whole body, not encoded and of one media type. Problem 415 unless it is, and those of `read_body`."""
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem(
            415, "unsupported_encoding", "A body must not be encoded.", headers={"Accept-Encoding": "identity"}
        )
    if not kind.fullmatch(environ.get("CONTENT_TYPE", "")):
        raise Problem(415, "unsupported_media_type", f"A body must be {words}.")
    return _whole(environ, MOST_BYTES)


def parsed(body: bytes) -> Any:
    """The document. Problem 400 unless it is strict JSON: UTF-8, no names twice, no NaN, at most 32 levels."""
    if body.startswith(_BYTE_ORDER_MARK):
        raise Problem(400, "byte_order_mark", "A body begins without a byte order mark.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Problem(400, "not_utf8", "A body must be UTF-8.") from None
    if _too_deep(body):
        raise Problem(400, "too_deep", f"Nested deeper than {MOST_LEVELS} levels, or not closed.")
    try:
        return _decoder.decode(text)
    except _Twice as twice:
        raise Problem(400, "duplicate_key", f"duplicate key {twice}") from None
    except ValueError as malformed:
        raise Problem(400, "malformed_json", f"This is not JSON: {malformed}") from None


def _too_deep(body: bytes) -> bool:
    """Judged before anything is parsed: pairs of brackets are taken away, one level at a time."""
    if body.count(b"[") + body.count(b"{") <= MOST_LEVELS:
        return False
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = unescaped.translate(_ONE_KIND_OF_BRACKET, _NOT_MARKS).replace(b'""', b"")
    brackets = b"".join(marks.split(b'"')[::2])
    for _ in range(MOST_LEVELS):
        if not brackets or _TOO_MANY in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(ascii(next(name for name in names if names.count(name) > 1))[:60])
    return made


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Inexact()


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=lambda _: Inexact(), parse_int=_integer
)
