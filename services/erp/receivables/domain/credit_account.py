"""CreditAccount: credit limit and exposure of a customer, and the orders held because they exceed the limit."""

from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, DomainError, event
from shared.money import Money


class NotHeld(DomainError):
    """Raised when an order is to be released that is not held for credit."""


class CreditAccountStatus(StrEnum):
    """Status of a customer's credit account: within the limit, with held orders, or over the limit."""

    OK = "ok"
    HELD = "held"
    OVER_LIMIT = "over_limit"


class CreditAccount(Aggregate):
    """Credit of a customer. Exposure = approved orders, invoices and open items, until they are paid or cancelled.

    Invoicing does not change the exposure: an order's invoices add up to its total. Without a limit every order is
    approved, before the terms are known none. An order in another currency than the limit needs a release.
    """

    @classmethod
    def create_id(cls, customer_id: UUID) -> UUID:
        return cls.derive_id(customer_id)

    @event("Opened")
    def __init__(self, customer_id: UUID) -> None:
        self.customer_id = customer_id
        self.has_terms = False
        self.currency: str | None = None
        self.limit: Money | None = None
        self.exposures: dict[str, Money] = {}
        self.held: dict[UUID, Money] = {}
        self.held_revisions: dict[UUID, int] = {}

    @property
    def status(self) -> CreditAccountStatus:
        if self.held:
            return CreditAccountStatus.HELD
        within = self.limit is None or self.exposure_in(self.limit.currency) <= self.limit
        return CreditAccountStatus.OK if within else CreditAccountStatus.OVER_LIMIT

    @property
    def exposure(self) -> Money | None:
        """Exposure in the customer's currency; none while the currency is unknown."""
        return self.exposure_in(self.currency) if self.currency else None

    @property
    def prepaid(self) -> Money | None:
        """What the customer has paid beyond approved orders and invoices; none while the currency is unknown."""
        exposure = self.exposure
        return None if exposure is None else max(-exposure, Money.zero(exposure.currency))

    @property
    def available(self) -> Money | None:
        """Limit and prepaid amount less what is owed, never below zero; none if there is no limit."""
        if self.limit is None:
            return None
        return max(self.limit - self.exposure_in(self.limit.currency), Money.zero(self.limit.currency))

    def exposure_in(self, currency: str) -> Money:
        return self.exposures.get(currency, Money.zero(currency))

    def change_terms(self, currency: str | None, limit: Money | None) -> None:
        """Set the limit from now on; approve held orders that fit into it, oldest first."""
        if (self.has_terms, self.limit) != (True, limit):
            self._terms_agreed(currency=currency or self.currency, limit=limit)
            self._approve_within_limit()

    def check_order(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        """Approve the order, or its increase by an amendment, within the limit; else hold it as a whole.

        The amount is added to what is already held of the order; a decrease is always approved.
        """
        wanted = total + self.held.get(order_id, Money.zero(total.currency))
        if revision > 1 and wanted.amount <= 0:
            self._order_approved(order_id=order_id, total=wanted, revision=revision)
            self._approve_within_limit()
        elif self._fits_limit(wanted):
            self._order_approved(order_id=order_id, total=wanted, revision=revision)
        else:
            self._order_held(order_id=order_id, total=wanted, revision=revision)

    def release(self, order_id: UUID, reason: str) -> None:
        """Approve a held order on a person's decision. Raises NotHeld."""
        if order_id not in self.held:
            raise NotHeld("the order is not held for credit, so there is nothing to release")
        self._order_released(
            order_id=order_id, total=self.held[order_id], reason=reason, revision=self.held_revisions[order_id]
        )

    def reduce_exposure(self, order_id: UUID, unbilled: Money) -> None:
        """Remove an amount that is never invoiced, first of held orders; approve orders that then fit, oldest first."""
        approved = unbilled - self.held.get(order_id, Money.zero(unbilled.currency))
        if order_id in self.held:
            self._hold_released(order_id=order_id)
        if approved:
            self._order_exposure_reduced(order_id=order_id, uninvoiced_amount=approved)
            self._approve_within_limit()

    def apply_payment(self, amount: Money) -> None:
        """Reduce the exposure by a payment; approve held orders that then fit, oldest first."""
        self._payment_applied(amount=amount)
        self._approve_within_limit()

    def write_off(self, amount: Money) -> None:
        """Reduce the exposure by a write-off; approve held orders that then fit, oldest first."""
        self._written_off(amount=amount)
        self._approve_within_limit()

    def reverse_write_off(self, amount: Money) -> None:
        """Increase the exposure by a write-off that was reversed, even beyond the limit."""
        self._write_off_reversed(amount=amount)

    def reverse_payment(self, amount: Money) -> None:
        """Increase the exposure again, even beyond the limit."""
        self._payment_reversed(amount=amount)

    def add_open_item(self, item_id: UUID, amount: Money) -> None:
        """Increase the exposure by an amount that is owed by hand, even beyond the limit; credit (negative) reduces it.

        Approve held orders that then fit, oldest first. Orders that were approved before stay so.
        """
        self._open_item_added(item_id=item_id, amount=amount)
        self._approve_within_limit()

    def remove_open_item(self, item_id: UUID, amount: Money) -> None:
        """Undo the change of the exposure by an item whose entry is reversed; approve held orders that then fit."""
        self._open_item_removed(item_id=item_id, amount=amount)
        self._approve_within_limit()

    def _fits_limit(self, total: Money) -> bool:
        if self.limit is None:
            return self.has_terms
        return total.currency == self.limit.currency and self.exposure_in(total.currency) + total <= self.limit

    def _approve_within_limit(self) -> None:
        for order_id, total in list(self.held.items()):
            if self._fits_limit(total):
                self._order_approved(order_id=order_id, total=total, revision=self.held_revisions[order_id])

    def _increase_debt(self, amount: Money) -> None:
        self.exposures[amount.currency] = self.exposure_in(amount.currency) + amount

    @event("TermsAgreed")
    def _terms_agreed(self, currency: str | None, limit: Money | None) -> None:
        self.has_terms = True
        self.currency = currency
        self.limit = limit

    @event("OrderApproved")
    def _order_approved(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        self._remove_hold(order_id)
        self._increase_debt(total)

    @event("OrderHeld")
    def _order_held(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        self.held[order_id] = total
        self.held_revisions[order_id] = revision

    @event("OrderReleased")
    def _order_released(self, order_id: UUID, total: Money, reason: str, revision: int = 1) -> None:
        self._remove_hold(order_id)
        self._increase_debt(total)

    @event("HoldReleased")
    def _hold_released(self, order_id: UUID) -> None:
        self._remove_hold(order_id)

    def _remove_hold(self, order_id: UUID) -> None:
        self.held.pop(order_id, None)
        self.held_revisions.pop(order_id, None)

    @event("OrderExposureReduced")
    def _order_exposure_reduced(self, order_id: UUID, uninvoiced_amount: Money) -> None:
        self._increase_debt(-uninvoiced_amount)

    @event("PaymentApplied")
    def _payment_applied(self, amount: Money) -> None:
        self._increase_debt(-amount)

    @event("WrittenOff")
    def _written_off(self, amount: Money) -> None:
        self._increase_debt(-amount)

    @event("WriteOffReversed")
    def _write_off_reversed(self, amount: Money) -> None:
        self._increase_debt(amount)

    @event("PaymentReversed")
    def _payment_reversed(self, amount: Money) -> None:
        self._increase_debt(amount)

    @event("OpenItemAdded")
    def _open_item_added(self, item_id: UUID, amount: Money) -> None:
        self._increase_debt(amount)

    @event("OpenItemRemoved")
    def _open_item_removed(self, item_id: UUID, amount: Money) -> None:
        self._increase_debt(-amount)
