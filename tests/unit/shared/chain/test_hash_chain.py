"""Hash chain: detects any changed byte of a stored event and names the event."""

import random
from pathlib import Path
from uuid import uuid4

import pytest

from shared.chain import ChainBroken, CheckpointSigner, HashChain
from shared.projections.database_url import open_database
from shared.store import Commit, NewEvent
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore

SAMPLES = sorted((Path(__file__).parents[3] / "contracts" / "samples" / "stored").glob("*.json"))


def test_each_of_a_thousand_changed_bytes_in_stored_events_is_detected(tmp_path: Path) -> None:
    store = SqliteEventStore("shop", tmp_path / "events.db", IntegrityKey(tmp_path / "integrity"))
    store.migrate()
    chain = HashChain(store, open_database(tmp_path / "chain.db", "shop"), CheckpointSigner("shop", tmp_path / "seed"))
    chain.migrate()
    store.commit(Commit(events=[NewEvent(uuid4(), 1, each.stem, each.read_bytes()) for each in SAMPLES]))
    chain.extend_to_end()
    random_numbers, connection = random.Random(8), store._connections.get()
    connection.execute("PRAGMA synchronous=OFF")
    for _ in range(1_000):
        changed = random_numbers.choice(store.log(0, 1_000))
        place = random_numbers.randrange(len(changed.state))
        byte = bytes([changed.state[place] ^ 1 << random_numbers.randrange(8)])
        other = changed.state[:place] + byte + changed.state[place + 1 :]
        connection.execute("UPDATE events SET state=? WHERE position=?", (other, changed.position))
        with pytest.raises(ChainBroken, match=f"event {changed.position} of shop"):
            chain.verify_range(0)
        connection.execute("UPDATE events SET state=? WHERE position=?", (changed.state, changed.position))
    assert chain.verify_range(0) == len(SAMPLES)
    chain.close()
    store.close()
