"""Merkle tree of RFC 6962 over an append-only list: its root, and proof that it begins with an older list."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()

RangeRoot = Callable[[int, int], bytes]
"""Returns the root over the leaves from one index (counted from 0) up to, not including, another."""

Subtree = tuple[int, int, bytes]
"""A complete subtree: its level (2 ** level leaves), its index among those of its level, its root."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf of the Merkle tree (RFC 6962): SHA-256 of 0x00 and the entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node of the Merkle tree (RFC 6962): SHA-256 of 0x01 and both children."""
    return sha256(b"\1" + left + right).digest()


class SubtreeRoots:
    """Roots of the complete subtrees of a Merkle tree, the largest first: enough to append leaves."""

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)

    def append(self, leaf_hash: bytes) -> list[Subtree]:
        """Append a leaf and return the subtrees it completes."""
        level, place, completed = 0, self.size, []
        while place & 1:
            leaf_hash = node_hash(self.roots.pop(), leaf_hash)
            level, place = level + 1, place >> 1
            completed.append((level, place, leaf_hash))
        self.roots.append(leaf_hash)
        self.size += 1
        return completed

    def compute_root(self) -> bytes:
        """Return the root over all leaves so far."""
        *larger, root = self.roots or [EMPTY_ROOT]
        for each in reversed(larger):
            root = node_hash(each, root)
        return root


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the Merkle root of a list, given the hashes of its leaves."""
    peaks = SubtreeRoots()
    for each in leaves:
        peaks.append(each)
    return peaks.compute_root()


def split_point(start: int, end: int) -> int:
    """Return where the tree over a range divides: after the largest power of two below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def consistency_proof(older: int, newer: int, root_of: RangeRoot) -> list[bytes]:
    """Return the proof that a list of `newer` leaves begins with that of `older` leaves (RFC 6962, 2.1.2)."""
    return _proof(older, 0, newer, root_of, whole=True) if older else []


def _proof(older: int, start: int, end: int, root_of: RangeRoot, *, whole: bool) -> list[bytes]:
    if older == end:
        return [] if whole else [root_of(start, end)]
    middle = split_point(start, end)
    if older <= middle:
        return [*_proof(older, start, middle, root_of, whole=whole), root_of(middle, end)]
    return [*_proof(older, middle, end, root_of, whole=False), root_of(start, middle)]


def proves_consistency(older: int, older_root: bytes, newer: int, newer_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the list of the newer root begins with that of the older root."""
    if older == 0 or older > newer:
        return older == 0 and older_root == EMPTY_ROOT and not proof
    left = list(proof)
    try:
        roots = _verify_roots(older, 0, newer, left, older_root)
    except IndexError:
        return False
    return not left and roots == (older_root, newer_root)


def _verify_roots(older: int, start: int, end: int, proof: list[bytes], whole: bytes | None) -> tuple[bytes, bytes]:
    """Return the roots of both lists over a range; consumes the proof from its end."""
    if older == end:
        known = proof.pop() if whole is None else whole
        return known, known
    middle, other = split_point(start, end), proof.pop()
    if older <= middle:
        before, now = _verify_roots(older, start, middle, proof, whole)
        return before, node_hash(now, other)
    before, now = _verify_roots(older, middle, end, proof, None)
    return node_hash(other, before), node_hash(other, now)
