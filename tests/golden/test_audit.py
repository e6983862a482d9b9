"""The roots of RFC 6962 over the published leaves, by the suite and by the program that stands alone."""

from cli.verify import Log
from shared.chain.merkle import Peaks, leaf
from tests.golden.cases import Case, golden


def leaves_of(case: Case) -> list[bytes]:
    return [bytes.fromhex(each) for each in case["input"]["leaves_hex"]]


def test_the_tree_of_a_log_that_grows():
    case = golden("audit-merkle-01")
    tree = Peaks()
    roots = [tree.root().hex()]
    for entry in leaves_of(case):
        tree.append(leaf(entry))
        roots.append(tree.root().hex())
    assert roots == case["expected"]["roots_for_first_n_leaves"]


def test_the_tree_of_the_verifier():
    case = golden("audit-merkle-01")
    log = Log("crm", "e0", "")
    roots = [log._root().hex()]
    for number, entry in enumerate(leaves_of(case), 1):
        log._grow(leaf(entry))
        log.position = number
        roots.append(log._root().hex())
    assert roots == case["expected"]["roots_for_first_n_leaves"]
