"""The worker's part in proving the log: chaining it, signing it, folding it again, and holding what others sign."""

import asyncio
from collections.abc import Callable, Mapping
from http.client import HTTPException
from time import monotonic
from urllib.request import ProxyHandler, Request, build_opener

from structlog import get_logger

from shared.bus.feed import Unanswered
from shared.bus.inline import Run, in_thread
from shared.chain import Broken, Chain
from shared.chain.witness import Witness
from shared.codec import Malformed

log = get_logger()

LOOK_SECONDS = 1.0
AT_ONCE = 100
"""Events chained or looked at again before others have their turn."""
CHECKPOINT_SECONDS = 60.0
AGAIN_SECONDS = 5.0
ANSWER_SECONDS = 10.0

Ask = Callable[[str, str], bytes]
"""What a service (by name) answers to a path. Raises Unanswered."""


class Chaining:
    """Keeps the chain up with the log, signs it once a minute while it grows, looks at old events again when idle."""

    def __init__(self, chain: Chain, run: Run) -> None:
        self._chain, self._run = chain, run
        self._checked = 0
        self._sign_at = 0.0
        self.position = 0
        self.refused: str | None = None

    async def keep(self) -> None:
        """For ever, a little at a time."""
        while True:
            while await self._run(self._guarded, self._extend):
                await asyncio.sleep(0)
            self.position = (await self._run(self._chain.tip)).position
            await self._run(self._guarded, self._sign)
            await self._run(self._guarded, self._look_again)
            await asyncio.sleep(LOOK_SECONDS)

    def _guarded(self, step: Callable[[], int]) -> int:
        """The step; a log that was changed is an alarm that stays, and no reason to stop chaining."""
        try:
            return step()
        except Broken as broken:
            if self.refused is None:
                log.error("the log is not what it was", reason=str(broken))
            self.refused = str(broken)
            return 0

    def _extend(self) -> int:
        return self._chain.extend(AT_ONCE)

    def _sign(self) -> int:
        if monotonic() < self._sign_at:
            return 0
        self._sign_at = monotonic() + CHECKPOINT_SECONDS
        return self._chain.checkpoint().position

    def _look_again(self) -> int:
        """The next stretch of old events, from the beginning again after the last."""
        reached = self._chain.check(self._checked, AT_ONCE)
        self._checked = reached if reached > self._checked else 0
        return reached


class Witnessing:
    """Asks every other service once a minute what its log is, and at once when this one starts."""

    def __init__(self, witness: Witness, peers: tuple[str, ...], ask: Ask) -> None:
        self._witness, self._peers, self._ask = witness, peers, ask

    async def keep(self) -> None:
        """For ever; who does not answer is asked again soon."""
        while True:
            heard = [await in_thread(self.look, each) for each in self._peers]
            await asyncio.sleep(CHECKPOINT_SECONDS if all(heard) else AGAIN_SECONDS)

    def look(self, peer: str) -> bool:
        """What it says now; false if it says nothing that can be read."""
        try:
            self._witness.hear(peer, self._ask(peer, self._witness.question(peer)))
        except (Unanswered, Malformed) as trouble:
            log.debug("no checkpoint", of=peer, reason=str(trouble))
            return False
        return True


_opener = build_opener(ProxyHandler({}))


def over_http(addresses: Mapping[str, str], token: Callable[[str], str]) -> Ask:
    """Asks at these addresses, vouched for by a token for each."""

    def ask(service: str, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {token(service)}"}
        asked = Request(f"{addresses[service]}{path}", headers=headers)  # noqa: S310 (an address of our settings)
        try:
            with _opener.open(asked, timeout=ANSWER_SECONDS) as answer:
                return bytes(answer.read())
        except (OSError, HTTPException) as trouble:
            raise Unanswered(f"{service}: {type(trouble).__name__} {trouble}") from trouble

    return ask
