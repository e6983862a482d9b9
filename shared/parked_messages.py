"""Parked messages (dead letters) of a service: listed, redriven or discarded by an operator."""

from collections.abc import Sequence

from shared.bus.inbox import Inbox
from shared.command_runner import CommandRunner, join_or_open_unit_of_work
from shared.domain import NotFound
from shared.parked_message import ParkedMessage
from shared.policies import Policies
from shared.store import ParkedEntry


class ParkedMessageCommands:
    """Commands on the parked messages of a service: list them, apply them again, or discard them."""

    def __init__(self, runner: CommandRunner, policies: Policies) -> None:
        self.runner, self._policies = runner, policies

    def entries(self) -> Sequence[ParkedEntry]:
        return self.runner.store.parked_entries()

    def redrive(self, source: str) -> int:
        """Apply the parked messages of one source in order; return how many succeeded."""
        return Inbox(self.runner, self._policies, source).redrive()

    @join_or_open_unit_of_work
    def discard(self, source: str, sequence: int, reason: str) -> None:
        """Discard a parked message, so that it is never applied. Raises NotFound if it is not parked."""
        parked_entries, uow = self.runner.store.parked_entries(source), self.runner.uow
        messages = [each.message for each in parked_entries if each.message.sequence == sequence]
        if not messages:
            raise NotFound("parked message", f"{source} {sequence}")
        parked = uow.get(ParkedMessage, ParkedMessage.create_id(messages[0].id))
        parked.discard(reason)
        uow.commit.to_unpark.append((source, messages[0].epoch, sequence))
        uow.save(parked)
