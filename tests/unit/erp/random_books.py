"""Random books: random business with credit, write-offs, manual entries in two currencies and closed periods."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from services.erp.ledger.domain.manual_entry import ManualEntryLine
from services.erp.service import Erp
from services.erp.settlement.commands.manual_entries import PostManualEntry
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from services.erp.settlement.domain.payment import Allocation, Payment
from shared.command_context import CommandContext
from shared.domain import DomainError
from shared.money import Money
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    SUPPLIER,
    a_purchase,
    a_receipt,
    an_erp,
    invoices,
    open_items,
    record_supplier_invoice,
    supplier_invoices,
    usd,
)
from tests.unit.erp.random_business import RandomBusiness, days_from

DAYS = days_from(date(2025, 11, 20), date(2026, 2, 10))
PERIODS = ("2025-11", "2025-12", "2026-01")
PARTIES = {"1200": (CUSTOMER, UUID(int=0xD)), "2000": (SUPPLIER, UUID(int=0x6))}


class RandomBooks(RandomBusiness):
    """Random business whose every step is dated on a random day; what is refused is left out."""

    def __init__(self, service: Erp, seed: int) -> None:
        super().__init__(service, seed, DAYS)
        self.entries: list[UUID] = []
        self.credits: list[UUID] = []

    def any_step(self) -> None:
        seldom = (
            self.post_manually, self.post_manually, self.reverse_entry, self.pay_in_advance, self.allocate,
            self.write_off, self.write_off_payable, self.reverse_write_off, self.deallocate, self.buy_in_euro,
            self.close_period, self.reopen_period, self.pay_in_full, self.pay_in_full, self.pay_in_full,
            self.invoice_in_full, self.invoice_in_full, self.release_invoice, self.pay_item, self.pay_item,
            self.allocate_item, self.allocate_item, self.deallocate_item, self.write_off_item,
            self.reverse_write_off_of_item,
        )  # fmt: skip
        chosen = self.random.choice([self.step] * 16 + [*seldom])
        try:
            chosen()
        except DomainError:
            return

    def _on_a_day(self, command: Callable[[], object], actor: str = "anna") -> None:
        self.service.runner.run(command, CommandContext(actor, "command:random", self.day))

    def post_manually(self) -> None:
        """Debit or credit a party by hand, sometimes in two lines."""
        account = self.random.choice(list(PARTIES))
        amount = Money(self.amount(), self.random.choice(("USD", "USD", "EUR")))
        parties = [self.random.choice(PARTIES[account]) for _ in range(self.random.randint(1, 2))]
        side, other = self.random.sample(("debit", "credit"), 2)
        due_on = self.random.choice((None, self.day))
        lines = [ManualEntryLine(account=account, party=each, due_on=due_on, **{side: amount}) for each in parties]  # type: ignore[arg-type]
        total = Money.sum([amount] * len(parties))
        against = ManualEntryLine(account="6000", **{other: total})  # type: ignore[arg-type]
        request = PostManualEntry(posted_on=self.day, text="by hand", lines=(*lines, against))
        self.entries.append(self.service.settlement.post_manual_entry(request).id)

    def reverse_entry(self) -> None:
        if self.entries:
            entry = self.entries.pop(self.random.randrange(len(self.entries)))
            self._on_a_day(lambda: self.service.settlement.reverse_entry(entry, "mistyped"))

    def items(self, *, credit: bool = False) -> list[OpenItem]:
        """Return the open items that are owed, or those that are credit."""
        return [each for each in open_items(self.service) if each.is_credit == credit]

    def pay_item(self) -> None:
        """Pay a part of an item, or all that is open of it."""
        if owed := [each for each in self.items() if each.open]:
            item = self.random.choice(owed)
            amount = self.random.choice((item.open, min(item.open, Money(self.amount(3000), item.open.currency))))
            direction = "in" if item.side == OpenItemSide.RECEIVABLE else "out"
            part = Allocation(item.id, amount)
            self.payments.append(self._paid(direction, item.party_id, self.day, amount, [part]))

    def allocate_item(self) -> None:
        """Settle a part of an invoice, of a supplier invoice or of an item from an item that is credit."""
        documents = [*invoices(self.service), *supplier_invoices(self.service), *self.items()]
        credit = [each for each in self.items(credit=True) if each.open]
        if credit and (owed := [each for each in documents if each.open]):
            item, document = self.random.choice(credit), self.random.choice(owed)
            if item.open.currency == document.open.currency:
                part = Allocation(document.id, min(document.open, -item.open))
                self._on_a_day(lambda: self.service.settlement.allocate_open_item(item.id, [part]))

    def deallocate_item(self) -> None:
        if settling := [each for each in self.items(credit=True) if each.allocations]:
            item = self.random.choice(settling)
            document = self.random.choice(item.allocations).document_id
            self._on_a_day(lambda: self.service.settlement.deallocate_open_item(item.id, document))

    def write_off_item(self) -> None:
        for item in self.items():
            if item.open:
                self._on_a_day(lambda item=item: self.service.settlement.write_off_open_item(item.id, "small"))  # type: ignore[misc]

    def reverse_write_off_of_item(self) -> None:
        if written_off := [each for each in self.items() if each.write_offs]:
            item = self.random.choice(written_off)
            self._on_a_day(lambda: self.service.settlement.reverse_open_item_write_off(item.id, "a mistake"))

    def pay_in_advance(self) -> None:
        payment = self._paid("in", CUSTOMER, self.day, usd(self.amount()), [])
        self.payments.append(payment)
        self.credits.append(payment)

    def allocate(self) -> None:
        """Settle a part of an invoice from a customer's credit."""
        owed = [each for each in invoices(self.service) if each.open]
        if owed and self.credits:
            payment, invoice = self.random.choice(self.credits), self.random.choice(owed)
            part = Allocation(invoice.id, min(invoice.open, usd(str(Decimal(self.random.randint(1, 3000)) / 100))))
            self._on_a_day(lambda: self.service.settlement.allocate_payment(payment, [part]))

    def pay_in_full(self) -> None:
        """Pay all that is open of an invoice, or of a supplier invoice."""
        owed = [each for each in invoices(self.service) if each.open]
        payable = [each for each in supplier_invoices(self.service) if each.open]
        if owed or payable:
            document = self.random.choice([*owed, *payable])
            direction, party_id = ("in", CUSTOMER) if document in owed else ("out", SUPPLIER)
            part = Allocation(document.id, document.open)
            self.payments.append(self._paid(direction, party_id, self.day, document.open, [part]))

    def invoice_in_full(self) -> None:
        """Record an invoice for all goods of a purchase order, at its first prices."""
        if self.purchases:
            number = f"RE-{len(supplier_invoices(self.service))}"
            record_supplier_invoice(self.service, self.random.choice(self.purchases), number=number, on=self.day)

    def write_off(self) -> None:
        for invoice in invoices(self.service):
            if invoice.open and invoice.open < usd("60.00"):
                self._on_a_day(lambda invoice=invoice: self.service.receivables.write_off_invoice(invoice.id, "small"))  # type: ignore[misc]

    def write_off_payable(self) -> None:
        for invoice in supplier_invoices(self.service):
            if invoice.open and invoice.open < usd("60.00"):
                self._on_a_day(lambda invoice=invoice: self.service.payables.write_off_invoice(invoice.id, "small"))  # type: ignore[misc]

    def reverse_write_off(self) -> None:
        """Reverse what was written off one of the invoices or supplier invoices."""
        sold = [each for each in invoices(self.service) if each.write_offs]
        bought = [each for each in supplier_invoices(self.service) if each.write_offs]
        if sold or bought:
            document = self.random.choice([*sold, *bought])
            commands = self.service.receivables if document in sold else self.service.payables
            self._on_a_day(lambda: commands.reverse_write_off(document.id, "a mistake"))

    def deallocate(self) -> None:
        """Settle an invoice no more from a customer's payment."""
        if self.payments:
            payment = self._payment(self.random.choice(self.payments))
            if payment.allocations:
                document = self.random.choice(payment.allocations).document_id
                self._on_a_day(lambda: self.service.settlement.deallocate_payment(payment.id, document))

    def _payment(self, payment_id: UUID) -> Payment:
        return self.service.runner.run(lambda: self.service.runner.uow.get(Payment, payment_id))

    def buy_in_euro(self) -> None:
        purchase = a_purchase(("SENCHA", str(self.random.randint(1, 9)), self.amount()), currency="EUR")
        deliver(self.service, purchase, a_receipt(purchase, on=self.day))

    def close_period(self) -> None:
        self.service.ledger.close_period(self.random.choice(PERIODS))

    def reopen_period(self) -> None:
        period = self.random.choice(PERIODS)
        for person in ("anna", "bert"):
            self._on_a_day(lambda: self.service.ledger.reopen_period(period, "a mistake"), person)


def random_books(folder: Path, seed: int, steps: int) -> Erp:
    """Return ERP after random steps; its projections have processed them in batches of any size."""
    service = an_erp(folder)
    business = RandomBooks(service, seed)
    for _ in range(steps):
        business.any_step()
        if business.random.random() < 0.2:
            service.read_models.process_batch(business.random.choice([1, 3, 500]))
    while service.read_models.process_batch():
        pass
    return service
