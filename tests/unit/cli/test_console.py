import pytest

from cli.console import shown_line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"event": "request", "level": "info", "ms": 2}', None),
        ("[7] 2026/11/23 06:38:46.267992 [INF] Server is ready", None),
        ("[7] 2026/11/23 06:38:46.267992 [ERR] disk is full", "err: disk is full"),
        (
            '{"event": "parked", "level": "error", "source": "crm", "timestamp": "now"}',
            "error: parked (source crm)",
        ),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("{not json", "{not json"),
        ("", ""),
    ],
)
def test_only_errors_and_unstructured_lines_are_shown(line: str, shown: str | None) -> None:
    assert shown_line(line) == shown
