"""The Merkle tree of RFC 6962 over a list that only grows: its root, and proof that an older list is its beginning."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()

RootOf = Callable[[int, int], bytes]
"""The root over the leaves from one place (counted from 0) up to, not including, another."""

Subtree = tuple[int, int, bytes]
"""A complete subtree: its level (2 ** level leaves), its place among those of its level, its root."""


def leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Peaks:
    """The roots of the complete subtrees a list falls into, the largest first: all one must remember to go on."""

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)

    def append(self, hashed: bytes) -> list[Subtree]:
        """One more leaf; the subtrees it completes."""
        level, place, completed = 0, self.size, []
        while place & 1:
            hashed = node(self.roots.pop(), hashed)
            level, place = level + 1, place >> 1
            completed.append((level, place, hashed))
        self.roots.append(hashed)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root over all leaves so far."""
        *larger, root = self.roots or [EMPTY]
        for each in reversed(larger):
            root = node(each, root)
        return root


def root_over(leaves: Iterable[bytes]) -> bytes:
    """The root over these hashed leaves."""
    peaks = Peaks()
    for each in leaves:
        peaks.append(each)
    return peaks.root()


def parted(start: int, end: int) -> int:
    """Where the tree over these leaves has its middle: the left side is the largest power of two that leaves some."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def consistency(older: int, newer: int, root_of: RootOf) -> list[bytes]:
    """Proof that the first `older` of `newer` leaves are the older list (RFC 6962, 2.1.2)."""
    return _proof(older, 0, newer, root_of, whole=True) if older else []


def _proof(older: int, start: int, end: int, root_of: RootOf, *, whole: bool) -> list[bytes]:
    if older == end:
        return [] if whole else [root_of(start, end)]
    middle = parted(start, end)
    if older <= middle:
        return [*_proof(older, start, middle, root_of, whole=whole), root_of(middle, end)]
    return [*_proof(older, middle, end, root_of, whole=False), root_of(start, middle)]


def extends(older: int, older_root: bytes, newer: int, newer_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the list with the newer root begins with the list with the older root."""
    if older == 0 or older > newer:
        return older == 0 and older_root == EMPTY and not proof
    left = list(proof)
    try:
        roots = _roots(older, 0, newer, left, older_root)
    except IndexError:
        return False
    return not left and roots == (older_root, newer_root)


def _roots(older: int, start: int, end: int, proof: list[bytes], whole: bytes | None) -> tuple[bytes, bytes]:
    """The roots of both lists between two places; takes from the end of the proof what it needs."""
    if older == end:
        known = proof.pop() if whole is None else whole
        return known, known
    middle, other = parted(start, end), proof.pop()
    if older <= middle:
        before, now = _roots(older, start, middle, proof, whole)
        return before, node(now, other)
    before, now = _roots(older, middle, end, proof, None)
    return node(other, before), node(other, now)
