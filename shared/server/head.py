"""Head of a request: complete at its empty line, parsed by gunicorn, which refuses what parsers read differently."""

import re
from typing import Any

from gunicorn.http import errors
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from shared.server.framing import Chunks, Framing, StatedLength
from shared.server.refusals import Refusal, refusal_of_head

MAX_HEAD_BYTES = 1 << 16

_END = b"\r\n\r\n"
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


def take_head(received: bytearray, max_line_bytes: int) -> bytes | None:
    """Remove the head of the next request from the received bytes; None until it is complete. Raises Refusal."""
    end = received.find(_END, 0, MAX_HEAD_BYTES)
    head = bytes(received[: end + len(_END)] if end >= 0 else received[:MAX_HEAD_BYTES])
    _require_valid_lines(head, max_line_bytes)
    if end < 0:
        if len(received) >= MAX_HEAD_BYTES:
            raise refusal_of_head(errors.LimitRequestHeaders("head"))
        return None
    del received[: len(head)]
    return head


def _require_valid_lines(head: bytes, max_line_bytes: int) -> None:
    """Refuse early what will never become a valid head."""
    if b"\r\n" not in head[: max_line_bytes + 2] and len(head) > max_line_bytes:
        raise refusal_of_head(errors.LimitRequestLine(len(head), max_line_bytes))
    if _BARE_LINE_FEED.search(head):
        raise Refusal(400, "malformed_request", "Lines must end with a carriage return and a line feed.")


def parse_head(head: bytes, config: Any, address: Any, number: int) -> tuple[Request, Framing]:
    """Return the request, without a body, and the framing of its body. Raises Refusal."""
    try:
        request = Request(config, IterUnreader([head]), address, number)
    except (errors.ParseException, StopIteration) as error:
        raise refusal_of_head(error) from None
    reader = request.body.reader
    if isinstance(reader, ChunkedReader):
        return request, Chunks()
    return request, StatedLength(reader.length if isinstance(reader, LengthReader) else 0)
