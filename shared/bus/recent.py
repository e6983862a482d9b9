"""What was heard lately, so that the same message with other content is noticed."""

from collections import OrderedDict
from collections.abc import Iterable

from shared.message import Message

KEPT = 1_000


class Recent:
    """Digests of the newest messages of one source."""

    def __init__(self) -> None:
        self._digests: OrderedDict[str, str] = OrderedDict()

    def add(self, messages: Iterable[Message]) -> None:
        for each in messages:
            self._digests[each.id] = each.digest
        while len(self._digests) > KEPT:
            self._digests.popitem(last=False)

    def contradicts(self, message: Message) -> bool:
        """Whether the same message was heard with other content."""
        return self._digests.get(message.id, message.digest) != message.digest
