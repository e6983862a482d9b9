"""What was heard lately, so that the same message with other content is noticed."""

from collections import OrderedDict
from collections.abc import Iterable

from shared.message import Message

KEPT = 1_000


class Recent:
    """Digests of the newest messages of one incarnation of one source."""

    def __init__(self) -> None:
        self._digests: OrderedDict[int, str] = OrderedDict()

    def add(self, messages: Iterable[Message]) -> None:
        self._digests.update((each.sequence, each.digest) for each in messages)
        while len(self._digests) > KEPT:
            self._digests.popitem(last=False)

    def contradicts(self, message: Message) -> bool:
        """Whether the same message was heard with other content."""
        return self._digests.get(message.sequence, message.digest) != message.digest
