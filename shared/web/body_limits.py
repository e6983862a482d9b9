"""Largest bodies of requests, by kind of route: the one table for the gateway and the services."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

KIB, MIB = 1 << 10, 1 << 20


class BodyKind(StrEnum):
    """What a route accepts as its body."""

    SHORT = "short"
    """A few values."""
    LIST = "list"
    """Lists of any length, and batches."""
    SHEET = "sheet"
    """An imported file."""


MAX_BODY_BYTES: Mapping[BodyKind, int] = MappingProxyType(
    {BodyKind.SHORT: 16 * KIB, BodyKind.LIST: MIB, BodyKind.SHEET: 32 * MIB}
)
