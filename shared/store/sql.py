"""Values of SQL statements; times are stored as microseconds since 1970."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Values = Sequence[Any]


def to_micros(at: datetime) -> int:
    """Return an instant as microseconds since 1970, as stored."""
    return (at - UNIX_EPOCH) // MICROSECOND


@lru_cache(maxsize=1024)
def from_micros(micros: int) -> datetime:
    """Return the instant of stored microseconds since 1970."""
    return UNIX_EPOCH + micros * MICROSECOND
