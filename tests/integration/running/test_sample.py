"""`sihe audit sample` on a running suite: what is chosen, what is in the pack, and what a change of it does."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from cli.client import Client
from tests.running_suite import ADMIN_KEY, RunningSuite
from tests.small_firm import write_tables

pytestmark = [pytest.mark.case("U4"), pytest.mark.xdist_group("sample")]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A running suite with a small firm: orders, purchases, invoices, bills and payments."""
    folder = tmp_path_factory.mktemp("sample")
    with RunningSuite(folder / "home") as running:
        place = ["--url", running.url, "--key", ADMIN_KEY]
        assert sihe("import", "northwind", str(write_tables(folder / "firm")), *place).returncode == 0
        running.wait_until_idle()
        yield running


def sihe(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def sample(suite: RunningSuite, file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return sihe("audit", "sample", *arguments, "-o", str(file), "--url", suite.url, "--key", ADMIN_KEY)


def packed(suite: RunningSuite, file: Path, *arguments: str) -> dict[str, bytes]:
    """Return the files of a new pack."""
    done = sample(suite, file, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    with ZipFile(file) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def ids_of(suite: RunningSuite, path: str, member: str = "id", **filters: str) -> set[str]:
    with Client(suite.url, ADMIN_KEY) as client:
        return {row[member] for row in client.rows(path, **filters)}


def chosen_by_hand(ids: set[str], seed: str, count: int) -> list[str]:
    return sorted(ids, key=lambda each: sha256(f"{seed}{each}".encode()).hexdigest())[:count]


@pytest.mark.parametrize(
    ("population", "path", "member"),
    [
        ("payments", "erp/payments", "id"),
        ("invoices", "erp/invoices", "id"),
        ("bills", "erp/bills", "id"),
        ("entries", "erp/journal", "entry"),
    ],
)
def test_another_auditor_chooses_the_same_records_by_hand(
    suite: RunningSuite, tmp_path: Path, population: str, path: str, member: str
) -> None:
    files = packed(suite, tmp_path / "pack.zip", population, "--count", "2", "--seed", "25")
    selection, ids = json.loads(files["selection.json"]), ids_of(suite, path, member)
    assert selection["population_size"] == len(ids)
    assert [each["id"] for each in selection["chosen"]] == chosen_by_hand(ids, "25", 2)
    rows = list(csv.DictReader(StringIO(files["records.csv"].decode("utf-8-sig"))))
    assert [each["id"] for each in rows] == chosen_by_hand(ids, "25", 2)
    listed = csv.DictReader(StringIO(files["population.csv"].decode("utf-8-sig")))
    assert {each["id"]: each["sha256"] for each in listed} == {
        each: sha256(f"25{each}".encode()).hexdigest() for each in ids
    }


def test_a_payment_comes_with_the_documents_it_settles_up_to_the_goods_and_the_books(
    suite: RunningSuite, tmp_path: Path
) -> None:
    files = packed(suite, tmp_path / "pack.zip", "payments", "--count", "1", "--seed", "1", "--filter", "direction=in")
    record = json.loads(files["records/0001/record.json"])
    assert record["direction"] == "in"
    documents = {name.split("documents/")[1].rpartition("/")[0] for name in files if "/documents/" in name}
    assert documents >= {"erp/payments", "erp/invoices", "crm/sales-orders", "scm/shipments", "erp/journal-entries"}
    trace = files["records/0001/trace.txt"].decode()
    assert "erp Payment." in trace
    assert record["amount"]["amount"] in trace
    invoice = next(json.loads(each) for name, each in files.items() if "/documents/erp/invoices/" in name)
    assert invoice["id"] in {each["document_id"] for each in record["allocations"]}


def test_a_bill_comes_with_its_purchase_order_and_receipt(suite: RunningSuite, tmp_path: Path) -> None:
    files = packed(suite, tmp_path / "pack.zip", "bills", "--count", "1", "--seed", "1")
    documents = {name.split("documents/")[1].rpartition("/")[0] for name in files if "/documents/" in name}
    assert documents >= {"srm/purchase-orders", "scm/goods-receipts", "erp/bills", "erp/journal-entries"}


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_sample(suite: RunningSuite, tmp_path: Path) -> None:
    first, again, other = (
        packed(suite, tmp_path / f"{place}.zip", "invoices", "--count", "2", "--seed", seed)
        for place, seed in enumerate(("a", "a", "b"))
    )
    signed = {"export.jsonl", "manifest.json"}
    assert {name: each for name, each in first.items() if name not in signed} == {
        name: each for name, each in again.items() if name not in signed
    }
    assert first["population.csv"] != other["population.csv"]
    assert json.loads(first["selection.json"])["chosen"] != json.loads(other["selection.json"])["chosen"]


def verified(*command: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_pack_is_verified_by_the_command_and_by_the_program_in_it_alone(suite: RunningSuite, tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    files = packed(suite, file, "payments", "--count", "2", "--seed", "25")
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    for command in (["-m", "cli.main", "audit", "verify"], ["-I", str(tmp_path / "verify.py")]):
        status, text = verified(*command, str(file))
        assert status == 0, text
        assert "sound    erp" in text
        assert sha256(files["manifest.json"]).hexdigest() in text


def change_event(files: dict[str, bytes]) -> None:
    name = next(each for each in sorted(files) if each.endswith("events/erp.jsonl"))
    files[name] = files[name].replace(b'"version":1', b'"version":2')
    adapt_manifest(files, name)


def change_document(files: dict[str, bytes]) -> None:
    files["records/0001/record.json"] = files["records/0001/record.json"].replace(b"posted", b"poster")


def remove_trace(files: dict[str, bytes]) -> None:
    del files["records/0001/trace.txt"]


def add_file(files: dict[str, bytes]) -> None:
    files["records/0001/documents/erp/invoices/forged.json"] = b"{}"


def change_export(files: dict[str, bytes]) -> None:
    files["export.jsonl"] = files["export.jsonl"].replace(b'"version":1', b'"version":2', 1)
    adapt_manifest(files, "export.jsonl")


def adapt_manifest(files: dict[str, bytes], name: str) -> None:
    manifest: dict[str, Any] = json.loads(files["manifest.json"])
    manifest["files"][name] = sha256(files[name]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize("change", [change_event, change_document, remove_trace, add_file, change_export])
def test_a_changed_pack_is_found(
    suite: RunningSuite, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    files = packed(suite, tmp_path / "pack.zip", "payments", "--count", "1", "--seed", "25")
    change(files)
    with ZipFile(tmp_path / "changed.zip", "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    status, text = verified("-m", "cli.main", "audit", "verify", str(tmp_path / "changed.zip"))
    assert status == 1, text
    assert "CHANGED" in text


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["wages", "--count", "1", "--seed", "1"], "'payments', 'entries', 'invoices', 'bills'"),
        (["invoices", "--count", "4000", "--seed", "1"], "There are 3 invoices, so 4,000 cannot be chosen."),
        (
            ["invoices", "--count", "1", "--seed", "1", "--filter", "number=UNKNOWN-1"],
            "There are 0 invoices that match",
        ),
        (["invoices", "--count", "1", "--seed", "1", "--filter", "status"], "NAME=VALUE"),
        (["invoices", "--count", "1", "--seed", "1", "--filter", "colour=red"], "colour"),
        (["invoices", "--count", "0", "--seed", "1"], "--count"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_the_reason_and_leaves_the_file_as_it_was(
    suite: RunningSuite, tmp_path: Path, arguments: list[str], part: str
) -> None:
    (tmp_path / "pack.zip").write_text("an earlier pack")
    refused = sample(suite, tmp_path / "pack.zip", *arguments)
    assert refused.returncode != 0
    assert part in refused.stderr
    assert [each.read_text() for each in tmp_path.iterdir()] == ["an earlier pack"]
