from pathlib import Path

import pytest

from shared.testing.services import open_service
from tests.unit.shared.sweet_shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_service(Shop, tmp_path)
