"""Request bodies, read strictly: limited in real bytes, and only JSON that all parsers read in the same way."""

import json
import re
from io import BufferedRandom
from tempfile import TemporaryFile
from typing import Any

import rfc8785

from shared.server.marks import AWAIT_BODY
from shared.web.body_limits import MAX_BODY_BYTES, BodyKind
from shared.web.problems import BODY_READ, ProblemError

MAX_BYTES = MAX_BODY_BYTES[BodyKind.LIST]
MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 20

_PIECE = 65_536

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON = re.compile(r"application/json *(?:; *charset=\"?utf-8\"? *)?", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")
_NON_STRUCTURAL = bytes(set(range(256)) - set(b'[]{}"'))
_TOO_DEEP = b"[" * (MAX_DEPTH + 1)
_BRACES_TO_BRACKETS = bytes.maketrans(b"{}", b"[]")


class InexactNumberMarker:
    """Stands in parsed JSON for a number that no field accepts: with a fraction, an exponent, or too many digits."""


class _DuplicateKey(ValueError):
    """Raised when an object has the same name twice."""


def read_body_bytes(environ: dict[str, Any], maximum: int = MAX_BYTES) -> bytes:
    """Return the whole body in bytes. Raises ProblemError 413 over `maximum`, 400 if incomplete."""
    if environ.get("CONTENT_LENGTH"):
        return _read_stated_length(environ, maximum)
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body = _read(environ, maximum + 1)
    if len(body) > maximum:
        raise _too_large(maximum)
    return body


def read_body_file(environ: dict[str, Any], maximum: int) -> BufferedRandom:
    """Return the whole body in an unnamed file, for bodies that are too large for memory; errors as in bytes.

    The caller closes the file.
    """
    size = _stated_length(environ, maximum)
    file = TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        received = _copy_body(environ, file, maximum if size is None else size)
        if size is not None and received < size:
            raise _truncated()
        if received > maximum:
            raise _too_large(maximum)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _copy_body(environ: dict[str, Any], file: BufferedRandom, size: int) -> int:
    """Copy the body, up to one byte more than `size` of a body without a stated length; return the number of bytes."""
    received, end = 0, size if environ.get("CONTENT_LENGTH") else size + 1
    if await_body := environ.get(AWAIT_BODY):
        await_body(end)
    while received < end and (piece := _read(environ, min(_PIECE, end - received))):
        received += len(piece)
        try:
            file.write(piece)
        except OSError:
            raise ProblemError(503, "no_room", "The server has no room for the file. Try again later.") from None
    return received


def _read_stated_length(environ: dict[str, Any], maximum: int) -> bytes:
    size = _stated_length(environ, maximum) or 0
    body = _read(environ, size)
    if len(body) < size:
        raise _truncated()
    return body


def _stated_length(environ: dict[str, Any], maximum: int) -> int | None:
    """Return the stated length of the body; None if there is a body of unknown length."""
    stated = environ.get("CONTENT_LENGTH")
    if not stated:
        return None if "HTTP_TRANSFER_ENCODING" in environ else 0
    if not _LENGTH.fullmatch(stated):
        raise ProblemError(400, "malformed_length", "Content-Length must be a number.")
    if int(stated) > maximum:
        raise _too_large(maximum)
    return int(stated)


def _read(environ: dict[str, Any], size: int) -> bytes:
    environ[BODY_READ] = True
    try:
        body: bytes = environ["wsgi.input"].read(size)
    except Exception as broken:
        raise _truncated() from broken
    return body


_CLOSE = {"Connection": "close"}


def _too_large(maximum: int) -> ProblemError:
    detail = f"The body exceeds {maximum} bytes. Split it into several requests."
    return ProblemError(413, "too_large", detail, headers=_CLOSE)


def _truncated() -> ProblemError:
    return ProblemError(400, "cut", "The body is incomplete. Send it again.", headers=_CLOSE)


def read_json(environ: dict[str, Any], *, needed: bool = False) -> tuple[bytes, Any]:
    """Return the body and its document; `(b"", None)` without a body, or ProblemError 400 if it is `needed`.

    Raises ProblemError 415, and those of `parse_json`.
    """
    if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
        body = b""
    else:
        body = read_body_of_media_type(environ, _JSON, "application/json in UTF-8")
    if needed and not body:
        raise ProblemError(400, "empty_body", "A body is required.")
    return body, parse_json(body) if body else None


def canonical_body(raw: bytes, document: Any) -> bytes:
    """Return a body in its canonical form (RFC 8785): equal for the same document in another spelling.

    A document with values that no field accepts, such as inexact numbers, stays as it was sent.
    """
    try:
        return rfc8785.dumps(document) if raw else raw
    except (rfc8785.CanonicalizationError, UnicodeError):
        return raw


def read_body_of_media_type(environ: dict[str, Any], media_type: re.Pattern[str], description: str) -> bytes:
    """Return the bytes of a body of this media type, not compressed. Raises ProblemError 415 otherwise."""
    require_media_type(environ, media_type, description)
    return read_body_bytes(environ)


def require_media_type(environ: dict[str, Any], media_type: re.Pattern[str], description: str) -> re.Match[str]:
    """Return the match of the body's media type. Raises ProblemError 415 for another one, or a compressed body."""
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        headers = {"Accept-Encoding": "identity"}
        raise ProblemError(415, "unsupported_encoding", "The body must not be encoded.", headers=headers)
    match = media_type.fullmatch(environ.get("CONTENT_TYPE", ""))
    if not match:
        raise ProblemError(415, "unsupported_media_type", f"The body must be {description}.")
    return match


def parse_json(body: bytes) -> Any:
    """Return the document. Raises ProblemError 400 unless it is JSON in UTF-8: unique names, no NaN, max. 32 levels."""
    if body.startswith(_BYTE_ORDER_MARK):
        raise ProblemError(400, "byte_order_mark", "Remove the byte order mark at the start of the body.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ProblemError(400, "not_utf8", "The body must be UTF-8.") from None
    if _is_too_deep(body):
        raise ProblemError(400, "too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels, or not closed.")
    try:
        return _decoder.decode(text)
    except _DuplicateKey as duplicate:
        raise ProblemError(400, "duplicate_key", f"The JSON has a duplicate key {duplicate}.") from None
    except ValueError as malformed:
        raise ProblemError(400, "malformed_json", f"Malformed JSON: {malformed}") from None


def _is_too_deep(body: bytes) -> bool:
    """Return whether brackets are nested too deep, before parsing: pairs are removed one level at a time."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = unescaped.translate(_BRACES_TO_BRACKETS, _NON_STRUCTURAL).replace(b'""', b"")
    brackets = b"".join(marks.split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        if not brackets or _TOO_DEEP in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKey(ascii(next(name for name in names if names.count(name) > 1))[:60])
    return made


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


_decoder = json.JSONDecoder(
    object_pairs_hook=_build_object,
    parse_constant=_reject_constant,
    parse_float=lambda _: InexactNumberMarker(),
    parse_int=lambda digits: int(digits) if len(digits) <= MAX_INTEGER_DIGITS else InexactNumberMarker(),
)
