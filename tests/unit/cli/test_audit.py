"""`sihe audit`: what the commands print, and what they leave behind when they fail."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import audit
from cli.client import Client, RequestFailed
from cli.evidence_pack import write_pack
from cli.export import write_file
from cli.sampling import Sample
from cli.trace import draw_tree
from cli.trace_details import event_details

NO_SUITE = "http://127.0.0.1:9"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client gives up at once."""
    monkeypatch.setattr(audit, "connect", lambda url, key: Client(url, key, retry_seconds=0.0))


def export(file: Path) -> tuple[int, str]:
    found = CliRunner().invoke(audit.command, ["export", str(file), "--url", NO_SUITE, "--key", "x"])
    return found.exit_code, found.output


@pytest.mark.case("U7")
@pytest.mark.usefixtures("impatient")
def test_a_failed_export_names_the_address_and_leaves_no_file(tmp_path: Path) -> None:
    assert export(tmp_path / "history.jsonl") == (1, f"Error: No suite answers at {NO_SUITE}.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.case("U7")
@pytest.mark.usefixtures("impatient")
def test_a_failed_export_leaves_an_earlier_one_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_text("an earlier export")
    assert export(tmp_path / "history.jsonl")[0] == 1
    assert (tmp_path / "history.jsonl").read_text() == "an earlier export"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.case("U4")
@pytest.mark.usefixtures("impatient")
def test_a_sample_without_a_suite_names_the_address_and_leaves_no_file(tmp_path: Path) -> None:
    file = str(tmp_path / "pack.zip")
    arguments = ["sample", "payments", "--count", "25", "--seed", "25", "-o", file, "--url", NO_SUITE, "--key", "x"]
    found = CliRunner().invoke(audit.command, arguments)
    assert (found.exit_code, found.output) == (1, f"Error: No suite answers at {NO_SUITE}.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.case("U4")
def test_a_pack_that_fails_in_the_middle_leaves_an_earlier_one_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    file.write_text("an earlier pack")
    chosen = Sample("payments", {}, "25", {"1": "digest"}, ["1"])
    with Client(NO_SUITE, "x", retry_seconds=0.0) as client, pytest.raises(RequestFailed):
        write_pack(client, chosen, file)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["an earlier pack"]


@pytest.mark.case("U7")
def test_an_export_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def documents():
        yield {"sihe": "export"}
        raise RequestFailed("the suite stopped")

    with pytest.raises(RequestFailed):
        write_file(documents(), tmp_path / "history.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.case("U8")
def test_the_export_names_its_file_and_how_to_verify_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "export_documents", lambda *_: iter([{"sihe": "export"}]))
    file = tmp_path / "history.jsonl"
    assert export(file) == (0, f"1 lines written to {file}. Verify: sihe audit verify {file}\n")


@pytest.mark.case("U3")
@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ({"number": "SO-1", "total": {"amount": "552.60", "currency": "USD"}}, ["SO-1", "total 552.60 USD"]),
        ({"order_id": "1", "reason": "mistyped"}, ['reason "mistyped"']),
        ({"entry": {"code": "ALFKI", "name": "Alfreds"}}, ["ALFKI"]),
        ({"lines": [{"line": 1, "sku": "LAMP", "quantity": "12"}]}, ["lines: 12 × LAMP"]),
        (
            {"postings": [{"account": "1200", "debit": {"amount": "5.00", "currency": "USD"},
                           "credit": {"amount": "0.00", "currency": "USD"}}]},
            ["postings: 1200 debit 5.00 USD"],
        ),
        ({"quantity": "3", "sku": "LAMP", "line": 1}, ["LAMP", "quantity 3"]),
        ({"email": "encrypted", "is_open": True}, []),
    ],
)  # fmt: skip
def test_details_of_an_event_are_its_numbers_quantities_amounts_and_reasons(
    content: dict[str, Any], shown: list[str]
) -> None:
    event = {"recorded_at": "2026-01-31T10:04:05.123456Z", "actor": "erp", "on_behalf_of": "anna", "data": content}
    assert event_details(event) == ["2026-01-31 10:04:05 erp for anna", *shown]


@pytest.mark.case("U9")
def test_the_roots_of_a_tree_have_no_branch_and_their_effects_have_one() -> None:
    def node(name, *children):
        return {"id": f"command:{name}", "actor": name, "children": list(children)}

    lines = [str(each) for each in draw_tree([node("ann", node("bob", node("cy")), node("dan")), node("eve")], set())]
    drawn = [line.partition(":")[0] for line in lines]
    assert drawn == ["ann", "├─ bob", "│  └─ cy", "└─ dan", "eve"]
