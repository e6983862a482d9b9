"""Pages that are the same for all callers: compressed once, and not sent again to a client that has them."""

from dataclasses import dataclass, field
from hashlib import sha256

from flask import Response, request

from gateway.compression import accepts_gzip, gzipped

BEST = 9
"""The level for content that is compressed once."""
CACHE_CONTROL = "private, max-age=60"


@dataclass(frozen=True)
class KeptPage:
    """The content of a page with its digest, which is its ETag, and the same content compressed."""

    content: bytes
    content_type: str
    digest: str = field(init=False)
    compressed: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", sha256(self.content).hexdigest())
        object.__setattr__(self, "compressed", gzipped(self.content, BEST))

    def response(self) -> Response:
        """Return the page as the client accepts it, or 304 if the client has it."""
        headers = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding", "ETag": f'W/"{self.digest[:32]}"'}
        if request.if_none_match.contains_weak(self.digest[:32]):
            return Response(status=304, headers=headers)
        if accepts_gzip(request.headers.get("Accept-Encoding")):
            return Response(
                self.compressed, content_type=self.content_type, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(self.content, content_type=self.content_type, headers=headers)
