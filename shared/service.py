"""The base of the services: each is composed of modules."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import UUID, uuid4

from shared.bus.event_feed import PublishedEvents
from shared.bus.inbox import Inbox
from shared.command_context import CommandContext
from shared.command_runner import CommandRunner
from shared.commands import Commands
from shared.domain import Firm, InvalidInput, NotFound, UnitOfMeasure, UnitOfWork
from shared.domain.errors import class_words
from shared.domain.firm import KnowsFirm
from shared.event_codec import replay
from shared.fields import Lookup
from shared.firm import ReceivedFirm
from shared.firm import policies as firm_policies
from shared.firm_settings import SettingsCommands
from shared.key_store import KeyStore
from shared.known_firm import KnownFirm
from shared.module import Module
from shared.parked_messages import ParkedMessageCommands
from shared.policies import Policies, PublishedEventMappings
from shared.projections import Projection, ReadModels, ResourceProjection
from shared.store.event_store import EventStore
from shared.timers import TimerRunner

if TYPE_CHECKING:
    from flask import Blueprint

    from shared.chain import HashChain

C = TypeVar("C", bound=Commands)


class ProjectionBehind(Exception):
    """Raised when a projection is not up to date within the timeout; a retry may succeed."""


class Migratable(Protocol):
    """Storage of a service that `migrate` prepares."""

    def migrate(self) -> None:
        """Create or upgrade it."""
        ...


class Service:
    """Base class of the services, composed of `modules`; the commands of a module are an attribute with its name."""

    NAME: ClassVar[str]
    modules: ClassVar[tuple[Module, ...]] = ()
    policies: ClassVar[Policies]
    published: ClassVar[PublishedEventMappings]
    projections: ClassVar[tuple[type[Projection], ...]]
    resources: ClassVar[tuple["Blueprint", ...]]
    firm_class: ClassVar[type[KnowsFirm] | None] = None
    """The aggregate from which the service knows the firm; none: it keeps the one that it starts with."""
    additional_storage: tuple[Migratable, ...] = ()
    """Further storage of the service, for `migrate`."""
    feeds: Mapping[str, PublishedEvents] = MappingProxyType({})
    """The services whose events are received here, as sources to ask for what may be on its way."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        received = (firm_policies,) if cls.firm_class is ReceivedFirm else ()
        cls.policies = Policies.join((*received, *(each.policies for each in cls.modules)))
        cls.published = PublishedEventMappings.join(each.published for each in cls.modules)
        cls.projections = tuple(projection for each in cls.modules for projection in each.all_projections)
        cls.resources = tuple(resource for each in cls.modules for resource in each.all_resources)

    def __init__(
        self,
        store: EventStore,
        key_store: KeyStore,
        *,
        read_models: ReadModels | None = None,
        chain: "HashChain | None" = None,
        secret: bytes = b"",
        initial_firm: Firm = Firm(),  # noqa: B008 (immutable)
    ) -> None:
        self.store, self.key_store = store, key_store
        self._read_models, self._chain, self._secret = read_models, chain, secret
        self._initial_firm = initial_firm
        firm = KnownFirm(store, self.firm_class, initial_firm)
        self.runner = CommandRunner(store, self.published, self.projections, firm)
        self.timers = TimerRunner(self.runner)
        self.parked_messages = ParkedMessageCommands(self.runner, self.policies)
        self._commands: dict[str, Commands] = {}
        self._master_commands: list[Commands] = []
        for each in self.modules:
            self._commands[each.name] = self._compose(each)
        self.settings = SettingsCommands(self.runner, tuple(self._commands.values()))

    def _compose(self, module: Module) -> Commands:
        commands = module.commands(self.runner, self.key_store, module.settings)
        for required in module.requires:
            setattr(commands, required, self._commands[required])
        for each in module.master_data:
            self._master_commands.append(each.commands(self.runner, self.key_store, module.settings))
            setattr(commands, each.name, self._master_commands[-1])
        setattr(self, module.name, commands)
        return commands

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return the commands of the module with this name."""

    def prepare(self) -> None:
        """Record what must exist before the first command. Repeating it has no effect."""
        firm, moment = self._initial_firm, datetime.now(UTC)
        context = CommandContext(self.NAME, f"command:{uuid4().hex}", firm.date_of(moment))
        for each in (*self._commands.values(), *self._master_commands):
            self.runner.run(partial(each.prepare, firm), context)

    def commands_of(self, commands_class: type[C]) -> C:
        """Return the commands of the module, or of the master data, that declares this class."""
        every = (*self._commands.values(), *self._master_commands)
        return next(each for each in every if isinstance(each, commands_class))

    def inbox(self, source: str) -> Inbox:
        """Return the inbox for the events of another service."""
        return Inbox(self.runner, self.policies, source)

    def unit_of(self, uow: UnitOfWork, lookup: Lookup, key: str) -> UnitOfMeasure | None:
        """Return the unit that quantities of a record must fit, if it has one; overridden where records have."""

    # -- queries

    @property
    def read_models(self) -> ReadModels:
        assert self._read_models is not None, "the service has no read models"
        return self._read_models

    @property
    def chain(self) -> "HashChain":
        """The hash chain, which proves that the log was not altered."""
        assert self._chain is not None, "the service has no hash chain"
        return self._chain

    def get_resource(self, projection: type[ResourceProjection], id: UUID) -> Any:
        """Return the current aggregate of a resource."""
        return self.runner.uow.get(projection.aggregate_class, id)

    def get_resource_as_known(self, projection: type[ResourceProjection], id: UUID, known_at: datetime | int) -> Any:
        """Return the aggregate of a resource as recorded at a time or a position of the log, replayed from its events.

        Raises NotFound if it was not recorded yet.
        """
        events = self.store.events(id, until_position=self._resolve_position(known_at))
        if not events:
            raise NotFound(f"{class_words(projection.aggregate_class.__name__)} at that time with the id", id)
        return replay(projection.aggregate_class, events)

    def reader_for(self, projection: type[Projection], known_at: datetime | int | None = None) -> Any:
        """Return a reader of the projection's rows: current, or as known at a time or a position of the log.

        Callers limited to their own records read only those. Raises InvalidInput for a position after the log's end.
        """
        rows, uow = self.read_models.reader_for(projection), self.runner.uow_or_none
        if uow is not None and uow.context.only_own:
            rows = rows.for_owner(uow.context.actor)
        return rows if known_at is None else rows.as_of_position(self._resolve_position(known_at))

    def _resolve_position(self, known_at: datetime | int) -> int:
        if isinstance(known_at, datetime):
            return self.store.position_at(known_at)
        head = self.store.head()
        if known_at > head:
            raise InvalidInput(f"must not be after position {head}, the end of the log", field="known_at")
        return known_at

    def wait_for_projection(self, projection: type[Projection], timeout: float = 2.0) -> None:
        """Wait until the projection contains everything committed so far. Raises ProjectionBehind."""
        if not self.read_models.wait_until(projection, self.store.head(), timeout):
            raise ProjectionBehind(f"{projection.name} is not up to date yet; try again")

    def keyed_digest(self, content: bytes) -> str:
        """Return a digest that reveals nothing without the service's secret (HMAC-SHA256, hex)."""
        return hmac.digest(self._secret, content, "sha256").hex()
