"""The roots of RFC 6962 over the published leaves, by the suite and by the program that stands alone."""

from cli.verify import LogVerifier
from shared.chain.merkle import SubtreeRoots, leaf_hash
from tests.golden.cases import Case, load_case


def leaves_of(case: Case) -> list[bytes]:
    return [bytes.fromhex(each) for each in case["input"]["leaves_hex"]]


def test_the_tree_of_a_log_that_grows():
    case = load_case("audit-merkle-01")
    tree = SubtreeRoots()
    roots = [tree.compute_root().hex()]
    for entry in leaves_of(case):
        tree.append(leaf_hash(entry))
        roots.append(tree.compute_root().hex())
    assert roots == case["expected"]["roots_for_first_n_leaves"]


def test_the_tree_of_the_verifier():
    case = load_case("audit-merkle-01")
    log = LogVerifier("crm", "e0", "")
    roots = [log._root().hex()]
    for number, entry in enumerate(leaves_of(case), 1):
        log._append_peak(leaf_hash(entry))
        log.position = number
        roots.append(log._root().hex())
    assert roots == case["expected"]["roots_for_first_n_leaves"]
