"""CreditAccount: how much a customer may owe us, and which orders wait until there is room."""

from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, Refused, event
from shared.money import Money


class NotHeld(Refused):
    """Only an order that is held for credit can be released."""


class Status(StrEnum):
    OK = "ok"
    HELD = "held"
    OVER_LIMIT = "over_limit"


class CreditAccount(Aggregate):
    """A customer's credit. Exposure = approved orders and invoices, until they are paid or will not be delivered.

    Invoicing moves nothing: an order's invoices add up to its total. No limit = not limited; before the
    terms are heard every order is held. Amounts in another currency than the limit need a person.
    """

    @classmethod
    def create_id(cls, customer_id: UUID) -> UUID:
        return cls.derive_id(customer_id)

    @event("Opened")
    def __init__(self, customer_id: UUID) -> None:
        self.customer_id = customer_id
        self.terms_known = False
        self.currency: str | None = None
        self.limit: Money | None = None
        self.exposures: dict[str, Money] = {}
        self.held: dict[UUID, Money] = {}
        self.held_revisions: dict[UUID, int] = {}

    @property
    def status(self) -> Status:
        if self.held:
            return Status.HELD
        within = self.limit is None or self.exposure_in(self.limit.currency) <= self.limit
        return Status.OK if within else Status.OVER_LIMIT

    @property
    def exposure(self) -> Money | None:
        """In the currency of the customer; None while nobody knows it."""
        return self.exposure_in(self.currency) if self.currency else None

    @property
    def available(self) -> Money | None:
        """What fits into the limit, never below zero; None where there is no limit."""
        if self.limit is None:
            return None
        return max(self.limit - self.exposure_in(self.limit.currency), Money.zero(self.limit.currency))

    def exposure_in(self, currency: str) -> Money:
        return self.exposures.get(currency, Money.zero(currency))

    def agree_terms(self, currency: str | None, limit: Money | None) -> None:
        """The limit as it stands from now on; held orders that fit into it are approved, oldest first."""
        if (self.terms_known, self.limit) != (True, limit):
            self._terms_agreed(currency=currency or self.currency, limit=limit)
            self._approve_what_fits()

    def ask(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        """May this order go ahead, or this much more of it? Approved within the limit, else held as a whole.

        What is asked for takes the place of what is held; less than before always fits.
        """
        wanted = total + self.held.get(order_id, Money.zero(total.currency))
        if revision > 1 and wanted.amount <= 0:
            self._order_approved(order_id=order_id, total=wanted, revision=revision)
            self._approve_what_fits()
        elif self._fits(wanted):
            self._order_approved(order_id=order_id, total=wanted, revision=revision)
        else:
            self._order_held(order_id=order_id, total=wanted, revision=revision)

    def release(self, order_id: UUID, reason: str) -> None:
        """A person lets a held order go ahead. Refused with NotHeld."""
        if order_id not in self.held:
            raise NotHeld(f"order {order_id} is not held for credit")
        self._order_released(
            order_id=order_id, total=self.held[order_id], reason=reason, revision=self.held_revisions[order_id]
        )

    def drop(self, order_id: UUID, unbilled: Money) -> None:
        """So much of it never will be billed, what is held of it first. What then fits is approved, oldest first."""
        approved = unbilled - self.held.get(order_id, Money.zero(unbilled.currency))
        if order_id in self.held:
            self._hold_released(order_id=order_id)
        if approved:
            self._order_exposure_reduced(order_id=order_id, uninvoiced_amount=approved)
            self._approve_what_fits()

    def paid(self, amount: Money) -> None:
        """The customer owes less; what then fits is approved, oldest first."""
        self._payment_applied(amount=amount)
        self._approve_what_fits()

    def written_off(self, amount: Money) -> None:
        """The customer is not asked for it any more; what then fits is approved, oldest first."""
        self._invoice_written_off(amount=amount)
        self._approve_what_fits()

    def payment_taken_back(self, amount: Money) -> None:
        """The customer owes it again, even beyond the limit."""
        self._payment_reversed(amount=amount)

    def _fits(self, total: Money) -> bool:
        if self.limit is None:
            return self.terms_known
        return total.currency == self.limit.currency and self.exposure_in(total.currency) + total <= self.limit

    def _approve_what_fits(self) -> None:
        for order_id, total in list(self.held.items()):
            if self._fits(total):
                self._order_approved(order_id=order_id, total=total, revision=self.held_revisions[order_id])

    def _owe(self, amount: Money) -> None:
        self.exposures[amount.currency] = self.exposure_in(amount.currency) + amount

    @event("TermsAgreed")
    def _terms_agreed(self, currency: str | None, limit: Money | None) -> None:
        self.terms_known = True
        self.currency = currency
        self.limit = limit

    @event("OrderApproved")
    def _order_approved(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        self._hold_no_more(order_id)
        self._owe(total)

    @event("OrderHeld")
    def _order_held(self, order_id: UUID, total: Money, revision: int = 1) -> None:
        self.held[order_id] = total
        self.held_revisions[order_id] = revision

    @event("OrderReleased")
    def _order_released(self, order_id: UUID, total: Money, reason: str, revision: int = 1) -> None:
        self._hold_no_more(order_id)
        self._owe(total)

    @event("HoldReleased")
    def _hold_released(self, order_id: UUID) -> None:
        self._hold_no_more(order_id)

    def _hold_no_more(self, order_id: UUID) -> None:
        self.held.pop(order_id, None)
        self.held_revisions.pop(order_id, None)

    @event("OrderExposureReduced")
    def _order_exposure_reduced(self, order_id: UUID, uninvoiced_amount: Money) -> None:
        self._owe(-uninvoiced_amount)

    @event("PaymentApplied")
    def _payment_applied(self, amount: Money) -> None:
        self._owe(-amount)

    @event("InvoiceWrittenOff")
    def _invoice_written_off(self, amount: Money) -> None:
        self._owe(-amount)

    @event("PaymentReversed")
    def _payment_reversed(self, amount: Money) -> None:
        self._owe(amount)
