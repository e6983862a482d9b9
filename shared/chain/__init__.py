"""Tamper evidence: each event is hash-chained to the one before, and the log is signed in checkpoints.

`hashing` encodes an event, `merkle` computes one root of many, `hash_chain` stores both next to the log,
`checkpoint` signs them, `checkpoint_monitor` verifies and keeps what other services signed.
"""

from shared.chain.checkpoint import Checkpoint, CheckpointSigner, InvalidCheckpoint
from shared.chain.hash_chain import ChainBroken, HashChain

__all__ = ["ChainBroken", "Checkpoint", "CheckpointSigner", "HashChain", "InvalidCheckpoint"]
