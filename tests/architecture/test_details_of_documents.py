"""A plain field of a document is declared once: request, event, published event, column and row follow from it."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.how_to import copy_source_tree

DETAILS = {
    "supplier_reference": ("services/srm/purchase_orders/domain/purchase_order.py", "tests/unit/srm/purchase_orders"),
    "delivery_note": ("services/scm/receiving/domain/goods_receipt.py", "tests/unit/scm/receiving"),
    "note": ("services/erp/payables/domain/supplier_invoice.py", "tests/unit/erp/payables"),
    "reference": ("services/erp/settlement/domain/payment.py", "tests/unit/erp/settlement"),
}
"""The file that declares the field, and the tests that give and read it over HTTP."""


def test_a_renamed_declaration_renames_the_field_everywhere(tmp_path: Path) -> None:
    """In a copy, each field gets another name at its declaration and in its test; nothing else changes."""
    copy = copy_source_tree(tmp_path)
    for name, (declaration, tests) in DETAILS.items():
        assert replace_in(copy / declaration, f"    {name}: ", "    remark: ") == 1
        replaced = (f'"{name}"', '"remark"'), (f"{name}=", "remark=")
        assert sum(replace_in(copy / tests / "test_api.py", *each) for each in replaced) > 1
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "shown or shows or settles or found",
    ]
    done = subprocess.run(
        [*command, *(f"{tests}/test_api.py" for _, tests in DETAILS.values())],
        cwd=copy, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def replace_in(file: Path, text: str, by: str) -> int:
    """Replace a text in a file and return how often it was there."""
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace(text, by), encoding="utf-8")
    return content.count(text)
