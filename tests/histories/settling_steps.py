"""What people do about payments and entries by hand."""

from datetime import date, timedelta
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.firm import Entry, Party
from tests.histories.oracle.settling import Credit, Document
from tests.histories.story import Row, Story, usd


class SettlingSteps(Story):
    """Payments, credit, write-offs, opening balances and entries on parties."""

    def documents(self, side: str, party: str | None = None) -> list[Document]:
        found = (each for each in self.firm.documents.values() if each.side == side and each.open)
        return [each for each in found if party in (None, each.party)]

    def pay_in(self) -> None:
        """Receive money for up to two documents of a customer, sometimes more or less than is open."""
        customer = self.pick(self.customers())
        owed = self.documents("receivable", customer.id)
        chosen = self.random.sample(owed, min(len(owed), self.random.randint(0, 2)))
        parts = [(each, self._amount_for(each)) for each in chosen]
        beyond = self.price(2_000) if not parts or self.chance(0.35) else ZERO
        self._pay("in", "receivable", customer, parts, sum((amount for _, amount in parts), ZERO) + beyond)

    def pay_out(self) -> None:
        documents = [each for each in self.firm.documents.values() if each.side == "payable" and each.open] or [
            bill.document for _, bill in self.firm.bills.values()
        ]
        document = self.pick(documents)
        if document is not None:
            amount = self._amount_for(document) if document.open else document.amount
            self._pay("out", "payable", self.firm.parties[document.party], [(document, amount)], amount)

    def _amount_for(self, document: Document) -> Decimal:
        if self.chance(0.04):
            return document.open + Decimal("0.01")
        rest = Decimal(self.random.randint(1, 600)) / 100
        return document.open - rest if document.open > rest and self.chance(0.45) else self.part(document.open)

    def _pay(
        self, direction: str, side: str, party: Party, parts: list[tuple[Document, Decimal]], amount: Decimal
    ) -> None:
        earliest = max([each.day for each, _ in parts], default=None)
        day = self.day(earliest if self.chance(0.95) or earliest is None else earliest - timedelta(days=1))
        body = {
            "direction": direction, "party_id": party.id, "paid_on": str(day), "amount": usd(amount),
            "allocations": [self._allocation(document, part) for document, part in parts],
        }  # fmt: skip
        what = f"{party.name} {'pays' if direction == 'in' else 'is paid'} {amount} on {day} for " + ", ".join(
            f"{part} of {self.name(document.id)}" for document, part in parts
        )

        def expect(done: Row) -> None:
            self.firm.pay(Credit(done["id"], party.id, side, day, amount), parts)

        self.act(what, "/erp/payments", body, expect)

    @staticmethod
    def _allocation(document: Document, amount: Decimal) -> Row:
        return {"document_id": document.id, "amount": usd(amount)}

    def allocate(self) -> None:
        """Settle a document from credit, of a payment or of an item."""
        credit = self.pick(each for each in self.firm.credits.values() if each.unallocated)
        document = credit and self.pick(self.documents(credit.side, credit.party))
        if document is None:
            return
        amount = min(self._amount_for(document), credit.unallocated if self.chance(0.9) else credit.unallocated + 1)
        day = self.today if self.chance(0.5) else self.day(max(credit.last_day, document.day))
        body = {"allocations": [self._allocation(document, amount)], "effective_on": str(day)}
        what = f"settle {amount} of {self.name(document.id)} from credit {self.name(credit.id)} on {day}"
        path = f"/erp/{'payments' if credit.is_payment else 'open-items'}/{credit.id}/allocate"
        self.act(what, path, body, lambda _: self.firm.allocate(credit, document, amount, day))

    def deallocate(self) -> None:
        credit = self.pick(each for each in self.firm.credits.values() if each.documents)
        document = credit and self.pick(credit.documents)
        if document is None:
            return
        body = {"document_id": document.id, "effective_on": str(self.today)}
        what = f"take {self.name(document.id)} back from credit {self.name(credit.id)}"
        path = f"/erp/{'payments' if credit.is_payment else 'open-items'}/{credit.id}/deallocate"
        self.act(what, path, body, lambda _: self.firm.deallocate(credit, document, self.today))

    def reverse_payment(self) -> None:
        credit = self.pick(each for each in self.firm.credits.values() if each.is_payment)
        if credit is not None:
            day = self.day(credit.last_day)
            what = f"reverse payment {self.name(credit.id)} on {day}"
            body, path = {"reason": "mistyped", "effective_on": str(day)}, f"/erp/payments/{credit.id}/reverse"
            self.act(what, path, body, lambda _: self.firm.reverse_payment(credit, day))

    def write_off(self) -> None:
        small = [each for each in self.firm.documents.values() if ZERO < each.open < 8]
        if document := self.pick(small):
            body, path = {"reason": "small", "effective_on": str(self.today)}, f"{self._path(document)}/write-off"
            what = f"write off {document.open} of {self.name(document.id)}"
            self.act(what, path, body, lambda _: self.firm.write_off(document, self.today))

    def reverse_write_off(self) -> None:
        if document := self.pick(each for each in self.firm.documents.values() if each.written_off):
            body = {"reason": "they pay", "effective_on": str(self.today)}
            what, path = (
                f"reverse the write-off of {self.name(document.id)}",
                f"{self._path(document)}/reverse-write-off",
            )
            self.act(what, path, body, lambda _: self.firm.reverse_write_off(document, self.today))

    @staticmethod
    def _path(document: Document) -> str:
        kind = "open-items" if document.is_item else "invoices" if document.side == "receivable" else "bills"
        return f"/erp/{kind}/{document.id}"

    # -- entries by hand

    def enter(self) -> None:
        """Post opening balances or an entry, mostly on a customer or a supplier."""
        if self.chance(0.5):
            self._open_balances()
        else:
            self._post_entry()

    def _open_balances(self) -> None:
        party, day = self.pick(self.firm.parties.values()), self.day()
        amount = self.price(8_000) * self.pick((1, 1, 1, -1))
        account, sign = ("1200", 1) if party.is_customer else ("2000", -1)
        due_on = day + timedelta(days=self.random.randint(0, 30)) if self.chance(0.5) else None
        line = {"account": account, "party": party.id, "amount": usd(amount)}
        line |= {"due_on": str(due_on)} if due_on else {}
        body = {"posted_on": str(day), "text": "Taken over", "lines": [line]}
        what = f"opening balance of {party.name} on {day}: {amount}, due {due_on}"
        amounts = [(account, sign * amount), ("3000", -sign * amount)]
        self.act(
            what, "/erp/opening-balances", body, lambda done: self._entered(done, day, amounts, party, amount, due_on)
        )

    def _post_entry(self) -> None:
        day = self.today + timedelta(days=1) if self.chance(0.05) else self.day()
        party, amount = self.pick([None, *self.firm.parties.values()]), self.price(6_000)
        account = "1000" if party is None else "1200" if party.is_customer else "2000"
        side, other, sign = self.pick((("debit", "credit", 1), ("credit", "debit", -1)))
        on_party = {"party": party.id} if party else {}
        lines = [{"account": account, side: usd(amount), **on_party}, {"account": "6000", other: usd(amount)}]
        body = {"posted_on": str(day), "text": "By hand", "lines": lines}
        what = f"entry of {day}: {account} {party.name if party else ''} {side} {amount}"
        amounts = [(account, sign * amount), ("6000", -sign * amount)]
        owed = amount * sign * (1 if account == "1200" else -1)
        self.act(what, "/erp/journal-entries", body, lambda done: self._entered(done, day, amounts, party, owed, None))

    def _entered(
        self,
        done: Row,
        day: date,
        amounts: list[tuple[str, Decimal]],
        party: Party | None,
        owed: Decimal,
        due: date | None,
    ) -> None:
        items: list[Document | Credit] = []
        if party is not None:
            side = "receivable" if party.is_customer else "payable"
            [row] = [
                each
                for each in self.desk.rows(f"/erp/open-items?limit=200&party_id={party.id}")
                if each["entry"] == done["id"]
            ]
            due_on = due or day
            items = [
                Document(row["id"], party.id, side, day, due_on, owed, is_item=True)
                if owed > 0
                else Credit(row["id"], party.id, side, day, -owed, is_payment=False, due_on=due_on)
            ]
        self.firm.post_entry(Entry(done["id"], day, amounts, items))

    def reverse_entry(self) -> None:
        entry = self.pick(each for each in self.firm.entries.values() if each.day <= self.today)
        if entry is not None:
            body = {"reason": "mistyped", "effective_on": str(self.today)}
            what, path = f"reverse entry {self.name(entry.id)}", f"/erp/journal-entries/{entry.id}/reverse"
            self.act(what, path, body, lambda _: self.firm.reverse_entry(entry, self.today))
