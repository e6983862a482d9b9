"""Two services: a source whose events are published, and a listener that records what it receives."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from shared.bus.event_feed import FeedUnavailable
from shared.commands import Commands
from shared.contracts import crm
from shared.domain import Aggregate, UnitOfWork, event
from shared.message import Message
from shared.module import Module
from shared.policies import Policies, PublishedEventMappings
from shared.service import Service


class Customer(Aggregate):
    """A customer whose payment terms change: the number of days counts the changes."""

    class Changed(Aggregate.Event):
        days: int

    @event("Registered")
    def __init__(self) -> None:
        self.days = 0

    def change(self) -> None:
        self._changed(days=self.days + 1)

    @event(Changed)
    def _changed(self, days: int) -> None:
        self.days = days


class ReceivedTerms(Aggregate):
    """The events of one customer that the listener consumed, in order."""

    @classmethod
    def create_id(cls, customer_id: UUID) -> UUID:
        return cls.derive_id(customer_id)

    @event("Begun")
    def __init__(self, customer_id: UUID) -> None:
        self.customer_id = customer_id
        self.received: list[int] = []

    def record(self, days: int) -> None:
        self._noted(days=days)

    @event("Noted")
    def _noted(self, days: int) -> None:
        self.received.append(days)


published = PublishedEventMappings()


@published.after(Customer.Changed)
def terms_changed(changed: Customer.Changed, customer: Customer) -> crm.CustomerTermsChanged:
    return crm.CustomerTermsChanged(customer.id, customer.days)


policies = Policies()


@policies.when(crm.CustomerTermsChanged)
def record_terms(changed: crm.CustomerTermsChanged, uow: UnitOfWork) -> Iterator[Aggregate]:
    notes = uow.get_or_create(ReceivedTerms, customer_id=changed.customer_id)
    notes.record(changed.payment_terms_days)
    yield notes


class Customers(Commands):
    def register(self) -> UUID:
        return self.uow.save(Customer()).id

    def change(self, customer_id: UUID, times: int = 1) -> None:
        customer = self.uow.get(Customer, customer_id)
        for _ in range(times):
            customer.change()
        self.uow.save(customer)


class Source(Service):
    NAME = "crm"
    modules = (Module("customers", commands=Customers, published=published),)


class Listener(Service):
    NAME = "erp"
    modules = (Module("orders", policies=policies),)


class SourceFeed:
    """The feed of the source, without HTTP."""

    def __init__(self, source: Service) -> None:
        self._source = source
        self.requests = 0
        self.is_down = False

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        self.requests += 1
        if self.is_down:
            raise FeedUnavailable("the source is away")
        return self._source.store.published_events(position, limit)
