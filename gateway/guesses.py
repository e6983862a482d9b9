"""Wrong access keys: a client that tries many is slowed down, and no good key is locked out by that.

Issued keys have 256 random bits and cannot be guessed, so a good one is always accepted. The secret of the first
administrator can be chosen by people: from an address with too many wrong keys it is accepted only if it was accepted
from there before. In networks whose addresses many clients share, that would lock out the others: it is accepted there.
"""

from collections import OrderedDict
from threading import Lock

from gateway.access.secrets import digest_of, key_id_of
from gateway.rate_limits import Policy, Quota
from shared.config import Network
from shared.server.limits import is_in_networks

MAX_KNOWN = 10_000


class Guesses:
    """Counts wrong keys by address and by the key they claim to be."""

    def __init__(self, policy: Policy, shared_networks: tuple[Network, ...]) -> None:
        self._policy, self._shared_networks = policy, shared_networks
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def accepts(self, address: str, secret: str) -> bool:
        """Return whether a good secret is accepted from this address now."""
        user = (address, digest_of(secret))
        if key_id_of(secret) is None and user not in self._known and self._is_guesser(address):
            return False
        with self._lock:
            self._known[user] = None
            self._known.move_to_end(user)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return True

    def _is_guesser(self, address: str) -> bool:
        return not is_in_networks(address, self._shared_networks) and self._policy.check(address).is_exceeded

    def count(self, address: str, secret: str) -> Quota:
        """Count a wrong secret; return the quota that is nearest to its end."""
        quotas = [self._policy.take(address)]
        if key_id := key_id_of(secret):
            quotas.append(self._policy.take(key_id))
        return min(quotas, key=lambda each: (not each.is_exceeded, each.remaining))
