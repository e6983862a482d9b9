"""The configuration of the broker for a cluster."""

import json
from pathlib import Path

from deploy.broker import configuration
from shared.bus.broker_config import new_nkey_seed, public_nkey_of_seed


def test_each_service_has_an_account_with_the_public_key_of_its_seed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    seeds = {each: new_nkey_seed() for each in ("crm", "srm", "scm", "erp")}
    for service, seed in seeds.items():
        (tmp_path / "keys" / f"{service}.nkey").write_text(seed)
    text = configuration(tmp_path)
    found = json.loads(text)
    nkeys = {service: account["users"][0]["nkey"] for service, account in found["accounts"].items()}
    assert nkeys == {service: public_nkey_of_seed(seed) for service, seed in seeds.items()}
    assert (found["host"], found["port"], found["jetstream"]["store_dir"]) == ("0.0.0.0", 4222, "/data")
    assert not [seed for seed in seeds.values() if seed in text]
