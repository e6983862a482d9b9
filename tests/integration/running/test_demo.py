import subprocess
import sys

import pytest


@pytest.mark.parametrize(("language", "ending"), [("en", "All checks passed."), ("zh", "全部检查通过。")])
def test_the_demo_prints_every_step_and_succeeds(language: str, ending: str) -> None:
    command = [sys.executable, "-m", "cli.main", "demo", "--lang", language]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.endswith(f"\n{ending}\n")
    for amount in ("684.50", "1,510.00", "1,150.00", "235.20", "360.00", "136.70", "919.70"):
        assert f"{amount} USD" in " ".join(finished.stdout.split())
    for service in ("crm", "srm", "scm", "erp"):
        assert f"─ {service} " in finished.stdout
