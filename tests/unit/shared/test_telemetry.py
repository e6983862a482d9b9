"""What a log line says of an error: enough to find it, nothing of whom it concerned."""

import json

import pytest
from structlog import get_logger

from shared.telemetry import configure_logging


def test_an_error_is_told_by_kind_and_place_without_any_value(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("office")
    name = "Wilhelmina Quastenflosser"
    try:
        raise ValueError(f"cannot digest {name}")
    except ValueError:
        get_logger().exception("still cannot be applied", message="crm:e-1")
    said = capsys.readouterr().err
    line = json.loads(said)
    assert (line["event"], line["message"], line["error"]) == ("still cannot be applied", "crm:e-1", "ValueError")
    assert any("test_an_error_is_told_by_kind_and_place" in place for place in line["at"])
    assert name not in said
