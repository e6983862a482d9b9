"""Log lines have the class and the location of an error, but no personal data."""

import json

import pytest
from structlog import get_logger

from shared.telemetry import configure_logging


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
