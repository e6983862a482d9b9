"""The installed nats-py has the private parts that the bus uses."""

import ast
import inspect
from pathlib import Path

import pytest
from nats.aio.client import Client

from shared.bus import nats_client

BUS = Path(nats_client.__file__).parent


@pytest.mark.parametrize("name", nats_client.PRIVATE_PARTS)
def test_the_installed_client_has_the_private_part(name: str) -> None:
    assert hasattr(Client(), name), f"The installed nats-py has no Client.{name}, which shared/bus/nats_client.py uses."


def test_the_client_parses_headers_with_the_replaced_parser() -> None:
    source = inspect.getsource(Client)
    assert "self._parse_header_lines(" in source, "The installed nats-py no longer calls Client._parse_header_lines."


def test_only_the_client_file_names_the_private_parts() -> None:
    users = {path.name for path in BUS.glob("*.py") if _names(path) & set(nats_client.PRIVATE_PARTS)}
    assert users == {"nats_client.py"}


def test_every_private_part_in_use_is_listed() -> None:
    used = {name for name in _names(BUS / "nats_client.py") if name.startswith("_")}
    assert used == set(nats_client.PRIVATE_PARTS)


def _names(path: Path) -> set[str]:
    """Return the attributes and methods that a file names."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
