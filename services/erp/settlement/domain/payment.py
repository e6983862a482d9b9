"""Payment: money received or paid, and the documents it settles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self, TypeAlias
from uuid import UUID

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from shared.domain import Aggregate, DomainError, InvalidInput, allowed_in, event, value_object
from shared.fields import Id, Text, limits
from shared.money import Money


class NotDeallocatable(DomainError):
    """Raised when a document is to be removed from an outgoing payment, which is allocated in full."""

    field = "document_id"


class NotAllocated(DomainError):
    """Raised when a document is to be removed from a payment or credit that does not settle it."""


PaidAmount: TypeAlias = Annotated[Money, limits(zero=False)]


class Direction(StrEnum):
    """Whether a payment was received (in) or made (out)."""

    IN = "in"
    OUT = "out"


class Status(StrEnum):
    """The state of a payment: posted or reversed."""

    POSTED = "posted"
    REVERSED = "reversed"


@value_object
class Allocation:
    """The part of a payment that settles one document."""

    document_id: Id
    amount: PaidAmount


@dataclass(frozen=True, kw_only=True)
class PaymentDetails:
    """Plain details of a payment, as they were recorded with it."""

    reference: Annotated[Text, limits(max=140)] | None = None


class Payment(Aggregate):
    """Money from a customer or to a supplier. posted → reversed.

    The unallocated part of a customer's payment is the customer's credit; outgoing payments are allocated in full.
    """

    @staticmethod
    def create_id(payment_id: UUID) -> UUID:
        """Return the given id: documents are settled before the payment is recorded."""
        return payment_id

    @classmethod
    def record(
        cls,
        payment_id: UUID,
        direction: Direction,
        party_id: UUID,
        paid_on: date,
        posted_on: date,
        amount: Money,
        allocations: Sequence[Allocation],
        details: PaymentDetails = PaymentDetails(),
    ) -> Self:
        """Record a payment. Raises InvalidInput if more (or, of an outgoing one, less) than its amount is allocated."""
        allocated = total_allocated(allocations, amount.currency)
        if allocated > amount:
            raise InvalidInput(f"allocations of {allocated} exceed the payment of {amount}", field="allocations")
        if direction == Direction.OUT and allocated < amount:
            detail = f"{allocated} of {amount} is allocated, and advance payments to suppliers are not possible yet"
            remedy = "record the supplier invoice first and allocate the whole amount"
            raise InvalidInput(f"{detail}: {remedy}", field="allocations")
        return cls(payment_id, direction, party_id, paid_on, posted_on, amount, tuple(allocations), details)

    @event("Recorded")
    def __init__(
        self,
        payment_id: UUID,
        direction: Direction,
        party_id: UUID,
        paid_on: date,
        posted_on: date,
        amount: Money,
        allocations: tuple[Allocation, ...],
        details: PaymentDetails = PaymentDetails(),
    ) -> None:
        self.direction = direction
        self.party_id = party_id
        self.paid_on = paid_on
        self.posted_on = posted_on
        self.amount = amount
        self.allocations = allocations
        self.details = details
        self.settled_on = paid_on
        self.status = Status.POSTED
        self.reversed_on: date | None = None
        self.reason: str | None = None

    @property
    def dated_on(self) -> date:
        """The day on which it last settled something: it is neither allocated nor reversed before."""
        return self.settled_on

    @property
    def unallocated(self) -> Money:
        """The part that settles no document yet: the customer's credit."""
        if self.status == Status.REVERSED:
            return Money.zero(self.amount.currency)
        return self.amount - total_allocated(self.allocations, self.amount.currency)

    @allowed_in(Status.POSTED)
    def allocate(self, allocations: Sequence[Allocation], on: date) -> None:
        """Settle documents from the unallocated amount. Raises WrongStatus, ExceedsOpenAmount or InvalidInput."""
        wanted = total_allocated(allocations, self.amount.currency)
        if wanted > self.unallocated:
            raise ExceedsOpenAmount(f"{self.unallocated} is unallocated: {wanted} is too much", field="allocations")
        self._allocated(allocations=tuple(allocations), allocated_on=on)

    @allowed_in(Status.POSTED)
    def deallocate(self, document_id: UUID, on: date) -> Allocation:
        """Settle a document no more: its part is the customer's credit again. Returns that part.

        Raises WrongStatus, NotDeallocatable for an outgoing payment, or NotAllocated for a document it does not settle.
        """
        if self.direction == Direction.OUT:
            remedy = "reverse the payment and record it again with other allocations"
            raise NotDeallocatable(f"outgoing payments are allocated in full: {remedy}")
        part = part_of_document(self.allocations, document_id, "the payment")
        self._deallocated(document_id=document_id, amount=part.amount, deallocated_on=on)
        return part

    @allowed_in(Status.POSTED)
    def reverse(self, on: date, reason: str | None) -> None:
        """Reverse a payment that was recorded by mistake. Raises WrongStatus if it is already reversed."""
        self._reversed(reversed_on=on, reason=reason)

    @event("Allocated")
    def _allocated(self, allocations: tuple[Allocation, ...], allocated_on: date) -> None:
        self.allocations = (*self.allocations, *allocations)
        self.settled_on = max(self.settled_on, allocated_on)

    @event("Deallocated")
    def _deallocated(self, document_id: UUID, amount: Money, deallocated_on: date) -> None:
        self.allocations = tuple(each for each in self.allocations if each.document_id != document_id)
        self.settled_on = max(self.settled_on, deallocated_on)

    @event("Reversed")
    def _reversed(self, reversed_on: date, reason: str | None) -> None:
        self.status = Status.REVERSED
        self.reversed_on = reversed_on
        self.reason = reason


def part_of_document(allocations: Sequence[Allocation], document_id: UUID, settled_by: str) -> Allocation:
    """Return what settles a document. Raises NotAllocated for a document that `settled_by` does not settle."""
    parts = [each.amount for each in allocations if each.document_id == document_id]
    if not parts:
        detail = f"{settled_by} does not settle document {document_id}: name one of its allocations"
        raise NotAllocated(detail, field="document_id")
    return Allocation(document_id, Money.sum(parts))


def total_allocated(allocations: Sequence[Allocation], currency: str) -> Money:
    """Return the sum. Raises InvalidInput for an allocation in another currency."""
    for index, each in enumerate(allocations):
        if each.amount.currency != currency:
            raise InvalidInput(f"amount must be in {currency}, as the payment", field=f"allocations/{index}/amount")
    return Money.sum((each.amount for each in allocations), currency)
