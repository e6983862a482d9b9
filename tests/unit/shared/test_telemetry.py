"""Log lines have the class and the location of an error, but no personal data."""

import json
import os
from contextlib import suppress

import pytest
from structlog import get_logger

from shared.telemetry import LINES_LOST, configure_logging, method_label


def test_an_error_is_logged_by_class_and_location_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("office")
    name = "Wilhelmina Quastenflosser"
    try:
        raise ValueError(f"invalid name {name}")
    except ValueError:
        get_logger().exception("still cannot be applied", message="crm:e-1")
    output = capsys.readouterr().err
    line = json.loads(output)
    assert (line["event"], line["message"], line["error"]) == ("still cannot be applied", "crm:e-1", "ValueError")
    assert any("test_an_error_is_logged_by_class_and_location" in place for place in line["at"])
    assert name not in output


@pytest.mark.case("X17")
@pytest.mark.parametrize("broken", ["the reader is gone", "the reader is late", "closed"])
def test_a_log_line_that_cannot_be_written_is_counted_and_costs_nothing(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stream = os.fdopen(writer, "w", buffering=1)
    if broken == "the reader is gone":
        os.close(reader)
    elif broken == "closed":
        stream.close()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging("test")
    lost = LINES_LOST._value.get()
    for _ in range(1_000):
        get_logger().error("event", text="x" * 400)
    assert LINES_LOST._value.get() > lost
    with suppress(OSError):
        stream.close()


@pytest.mark.case("X19")
@pytest.mark.parametrize("method", ["BREW", "get", "X" * 60, "PROPFIND"])
def test_methods_that_clients_invent_are_one_label(method: str) -> None:
    assert method_label(method) == method_label("TEAPOT") == "other"
    assert method_label("PATCH") == "PATCH"
