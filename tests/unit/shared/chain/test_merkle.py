"""Merkle tree: roots and consistency proofs of lists of every size."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.chain.merkle import (
    EMPTY_ROOT,
    SubtreeRoots,
    consistency_proof,
    leaf_hash,
    merkle_root,
    node_hash,
    proves_consistency,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(200)]


def definition(leaves: list[bytes]) -> bytes:
    """Return the Merkle root by the definition of RFC 6962, 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = max(power for power in (1 << n for n in range(10)) if power < len(leaves))
    return node_hash(definition(leaves[:split]), definition(leaves[split:]))


def root_of(start: int, end: int) -> bytes:
    return definition(LEAVES[start:end])


sizes = st.integers(0, len(LEAVES))


@given(sizes)
def test_the_root_matches_the_definition(size):
    assert merkle_root(LEAVES[:size]) == root_of(0, size)


@given(sizes, sizes)
def test_a_tree_continued_from_its_subtree_roots_has_the_same_root(before, after):
    before, after = sorted((before, after))
    tree = SubtreeRoots()
    for each in LEAVES[:before]:
        tree.append(each)
    continued = SubtreeRoots(tree.size, tree.roots)
    for each in LEAVES[before:after]:
        continued.append(each)
    assert continued.compute_root() == root_of(0, after)


def test_every_complete_subtree_is_returned_once():
    tree = SubtreeRoots()
    completed = {(level, place): root for each in LEAVES for level, place, root in tree.append(each)}
    assert all(root == root_of(place << level, place + 1 << level) for (level, place), root in completed.items())
    assert len(completed) == sum(len(LEAVES) >> level for level in range(1, 8))


@given(sizes, sizes)
def test_every_older_list_is_proven_to_be_the_beginning_of_the_newer(older, newer):
    older, newer = sorted((older, newer))
    proof = consistency_proof(older, newer, root_of)
    assert proves_consistency(older, root_of(0, older), newer, root_of(0, newer), proof)
    assert len(proof) <= 2 * newer.bit_length()


@given(st.integers(1, len(LEAVES)), st.integers(1, len(LEAVES)), st.data())
def test_no_proof_accepts_a_different_list_as_the_beginning(older, newer, data):
    older, newer = sorted((older, newer))
    changed = data.draw(st.integers(0, older - 1))
    other = [*LEAVES[:changed], leaf_hash(b"another"), *LEAVES[changed + 1 :]]
    for proof in (
        consistency_proof(older, newer, root_of),
        consistency_proof(older, newer, lambda start, end: definition(other[start:end])),
    ):
        assert not proves_consistency(older, definition(other[:older]), newer, root_of(0, newer), proof)
        assert not proves_consistency(older, root_of(0, older), newer, definition(other[:newer]), proof)


@given(st.integers(1, len(LEAVES)), st.integers(1, len(LEAVES)), st.data())
def test_a_proof_with_a_changed_missing_or_additional_hash_is_refused(older, newer, data):
    older, newer = sorted((older, newer))
    proof = consistency_proof(older, newer, root_of)
    roots = root_of(0, older), root_of(0, newer)
    assert not proves_consistency(older, roots[0], newer, roots[1], [*proof, LEAVES[0]])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not proves_consistency(older, roots[0], newer, roots[1], [*proof[:place], *proof[place + 1 :]])
        assert not proves_consistency(
            older, roots[0], newer, roots[1], [*proof[:place], EMPTY_ROOT, *proof[place + 1 :]]
        )


def test_a_shorter_list_does_not_extend_a_longer_one():
    assert not proves_consistency(5, root_of(0, 5), 4, root_of(0, 4), [])
    assert not proves_consistency(5, root_of(0, 5), 4, root_of(0, 5), [])
    assert proves_consistency(5, root_of(0, 5), 5, root_of(0, 5), [])
