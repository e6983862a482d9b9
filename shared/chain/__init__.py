"""Proof that a log is still what it was: every event chained to the one before, the whole signed again and again.

`entry` says which bytes stand for an event, `merkle` makes one root of many, `log_chain` keeps both beside the log,
`checkpoint` signs them, `witness` holds what other services signed.
"""

from shared.chain.checkpoint import Checkpoint, Notary, Unsigned
from shared.chain.log_chain import Broken, Chain, Tip

__all__ = ["Broken", "Chain", "Checkpoint", "Notary", "Tip", "Unsigned"]
