"""Rate limits: quotas of requests and of wrong keys, refilled steadily, in bounded memory.

The headers follow draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` and `RateLimit`.
"""

import math
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from operator import itemgetter
from time import monotonic

from shared.web import ProblemError

WINDOW_SECONDS = 60
MAX_TRACKED = 10_000
IPV6_PREFIX_LENGTH = 64
"""A client has a whole network of this size, and its addresses count as one."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a policy for one client, and the seconds until one more unit or all of them are back."""

    policy: "Policy"
    is_exceeded: bool
    remaining: int
    next_seconds: float
    full_seconds: float

    def headers(self) -> dict[str, str]:
        """Return the headers that state the quota to the client."""
        name, limit = self.policy.name, self.policy.limit
        return {
            "RateLimit-Policy": f'"{name}";q={limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{name}";r={self.remaining};t={math.ceil(self.full_seconds)}',
        }

    def require(self, code: str, detail: str) -> None:
        """Raise ProblemError 429 if the quota is exceeded."""
        if self.is_exceeded:
            retry = {"Retry-After": str(max(1, math.ceil(self.next_seconds)))}
            raise ProblemError(429, code, detail, headers=self.headers() | retry)


class Policy:
    """A number of units in WINDOW_SECONDS for each client. A client that used none of late may use all at once.

    Only the moment is stored at which a client has its whole quota again (GCRA); clients that have it are forgotten.
    """

    def __init__(self, name: str, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self.name, self.limit = name, limit
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def take(self, client: Hashable) -> Quota:
        """Use one unit unless the quota is exceeded; return what is left."""
        return self._quota(client, 1)

    def check(self, client: Hashable) -> Quota:
        """Return what is left, without using any."""
        return self._quota(client, 0)

    def _quota(self, client: Hashable, units: int) -> Quota:
        interval, now = WINDOW_SECONDS / self.limit, self._clock()
        with self._lock:
            full_at = max(self._full_at.get(client, now), now)
            is_exceeded = full_at - now + interval > WINDOW_SECONDS + interval / 1_000
            if units and not is_exceeded:
                full_at += interval
                self._store(client, full_at, now)
        used_seconds = full_at - now
        remaining = max(0, math.floor((WINDOW_SECONDS - used_seconds) / interval + 0.001))
        return Quota(self, is_exceeded, remaining, used_seconds + interval - WINDOW_SECONDS, used_seconds)

    def _store(self, client: Hashable, full_at: float, now: float) -> None:
        self._full_at[client] = full_at
        if len(self._full_at) > MAX_TRACKED:
            kept = sorted(((at, each) for each, at in self._full_at.items() if at > now), key=itemgetter(0))[
                -MAX_TRACKED * 9 // 10 :
            ]
            self._full_at = {each: at for at, each in kept}


@lru_cache(maxsize=1024)
def client_network(address: str) -> str:
    """Return the address as one client: an IPv6 address without its interface part."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX_LENGTH), strict=False))
    return str(parsed)
