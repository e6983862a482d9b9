"""Log files of processes: JSON lines, and what happens to them when the disk is full."""

import json
from pathlib import Path

import pytest

from cli import process_log
from cli.process_log import ProcessLog


def entries(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.case("X25")
@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ('{"event": "request", "level": "debug"}', "debug", "request"),
        ("[7] 2026/01/31 10:00:00.000001 [WRN] slow consumer", "warning", "slow consumer"),
        ("Traceback (most recent call last):", "info", "Traceback (most recent call last):"),
        ("\x1b[31mred\x00", "info", "\x1b[31mred\x00"),
    ],
)
def test_every_line_is_logged_as_json(tmp_path: Path, line: str, level: str, text: str) -> None:
    log = ProcessLog(tmp_path / "a.log", "a")
    log.write([line])
    (entry,) = entries(tmp_path / "a.log")
    assert (entry["level"], entry["event"]) == (level, text)


@pytest.mark.case("X1")
def test_lines_that_cannot_be_written_are_counted_and_reported_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    log = ProcessLog(folder / "a.log", "a")
    log.write(["one", "two"])
    log.write(["three"])
    assert log.dropped_lines == 3
    folder.mkdir()
    log.write(["four"])
    assert [each["event"] for each in entries(folder / "a.log")] == [
        "3 lines were dropped: they could not be written",
        "four",
    ]
    assert log.dropped_lines == 0


@pytest.mark.case("X1")
def test_a_long_log_is_replaced_and_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_log, "MAX_BYTES", 1_000)
    log = ProcessLog(tmp_path / "a.log", "a")
    for number in range(100):
        log.write([f"line {number}"])
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2_500
    kept = [each["event"] for file in ("a.log.1", "a.log") for each in entries(tmp_path / file)]
    assert kept[-1] == "line 99"
