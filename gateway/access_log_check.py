"""Standing check of the access log: it still has every record that it had when its length was last stated."""

import asyncio
from time import monotonic

from gateway.access.access_log_length import AccessLogLengths
from gateway.access_log import AccessLog
from shared.store import StoreError
from shared.telemetry import log

CHECK_SECONDS = 60.0
STATE_SECONDS = 3_600.0
STATE_RECORDS = 1_000
"""How long, and for how many records, a cut at the end of the access log could stay unseen."""


class AccessLogCheck:
    """Compares the access log with its stated length, and states the new one once an hour or each 1,000 records."""

    def __init__(self, access_log: AccessLog, lengths: AccessLogLengths) -> None:
        self._access_log, self._lengths = access_log, lengths
        self._state_at = float("-inf")
        self.failure: str | None = None

    async def run(self) -> None:
        """Check without end."""
        while True:
            self.check()
            await asyncio.sleep(CHECK_SECONDS)

    def check(self, *, is_last: bool = False) -> None:
        """Compare the log with its stated length; state the new one if it is due, or the gateway stops."""
        try:
            self._check(is_last=is_last)
        except StoreError as error:  # the log of the keys or the access log cannot be used now: both report it
            log.info("the access log is checked later", reason=str(error))

    def _check(self, *, is_last: bool) -> None:
        stated, (records, chain_hash) = self._lengths.newest(), self._access_log.end()
        known = stated.records if stated else 0
        if stated and self._access_log.chain_hash_at(known) != stated.chain_hash:
            self._raise_alarm(f"the access log no longer has the {known} records that it had: restore its file")
        elif records > known and (is_last or records >= known + STATE_RECORDS or monotonic() >= self._state_at):
            self._lengths.state(records, chain_hash)
            self._state_at = monotonic() + STATE_SECONDS

    def _raise_alarm(self, reason: str) -> None:
        if self.failure is None:
            log.error("the access log was changed", reason=reason)
        self.failure = reason
