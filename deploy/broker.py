"""Print the configuration of the broker for a cluster, from the keys of a home folder.

python -m deploy.broker HOME
"""

import sys
from pathlib import Path

from shared.bus.broker_config import BrokerServerConfig, public_nkey_of_seed
from shared.config import SERVICES

VOLUME = Path("/data")
ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  # the network policies decide who may connect


def configuration(home: Path) -> str:
    """Return the text of nats.conf."""
    keys = {each: public_nkey_of_seed((home / "keys" / f"{each}.nkey").read_text()) for each in SERVICES}
    return BrokerServerConfig(VOLUME, keys, host=ALL_ADDRESSES).render()


if __name__ == "__main__":
    sys.stdout.write(configuration(Path(sys.argv[1])))
