"""Digests of recently consumed messages, to detect a repetition with different content."""

from collections import OrderedDict
from collections.abc import Iterable

from shared.message import Message

MAX_DIGESTS = 1_000


class RecentDigests:
    """Digests of the newest messages of a source, to detect a repetition with different content."""

    def __init__(self) -> None:
        self._digests: OrderedDict[int, str] = OrderedDict()

    def add(self, messages: Iterable[Message]) -> None:
        self._digests.update((each.sequence, each.digest) for each in messages)
        while len(self._digests) > MAX_DIGESTS:
            self._digests.popitem(last=False)

    def contradicts(self, message: Message) -> bool:
        """Return whether the message was consumed before with different content."""
        return self._digests.get(message.sequence, message.digest) != message.digest
