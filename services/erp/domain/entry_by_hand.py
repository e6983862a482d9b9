"""Entries that a person writes: anything the documents do not tell."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.erp.domain.account import CHART, OF_PARTIES, OF_STOCK, OPENING_BALANCES, Kind
from services.erp.domain.journal_entry import Posting, UnknownAccount, credit, debit
from shared.domain import InvalidInput, value
from shared.money import Money


@value
class WrittenLine:
    """One line as a person writes it: debit or credit."""

    account: str
    debit: Money | None = None
    credit: Money | None = None
    party: UUID | None = None


@value
class OpeningLine:
    """What stood on an account, or on it for a party, when the books began; on the side where its kind stands."""

    account: str
    amount: Money
    party: UUID | None = None


def written(lines: Sequence[WrittenLine]) -> tuple[Posting, ...]:
    """The lines as postings. Refused with InvalidInput, UnknownAccount."""
    postings = tuple(_posting(line, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    if len(postings) < 2:
        raise InvalidInput("an entry has two lines or more", field="lines")
    return postings


def opening(lines: Sequence[OpeningLine]) -> tuple[Posting, ...]:
    """The balances as postings against opening balances. Refused with InvalidInput, UnknownAccount."""
    postings = tuple(_opening(line, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    balance = Money.sum(each.debit - each.credit for each in postings)
    return (*postings, credit(OPENING_BALANCES, balance))


def _posting(line: WrittenLine, field: str) -> Posting:
    _require_allowed(line.account, line.party, field)
    amounts = [*filter(None, (line.debit, line.credit))]
    if len(amounts) != 1:
        raise InvalidInput("a line has a debit or a credit that is not nothing, and not both", field=field)
    return (debit if line.debit else credit)(line.account, amounts[0], line.party)


def _opening(line: OpeningLine, field: str) -> Posting:
    _require_allowed(line.account, line.party, field)
    if not line.amount:
        raise InvalidInput("nothing is no opening balance", field=f"{field}/amount")
    stands_in_debit = CHART[line.account].kind in (Kind.ASSET, Kind.EXPENSE)
    return (debit if stands_in_debit else credit)(line.account, line.amount, line.party)


def _require_allowed(account: str, party: UUID | None, field: str) -> None:
    if account not in CHART:
        raise UnknownAccount(f"no account {account}", field=f"{field}/account")
    if account in OF_STOCK:
        raise InvalidInput(
            f"{account} follows from the movements of goods: count or receive them", field=f"{field}/account"
        )
    if (account in OF_PARTIES) != (party is not None):
        words = "who owes or is owed must be named" if party is None else f"{account} is not kept by party"
        raise InvalidInput(words, field=f"{field}/party")


def _require_one_currency(currencies: Iterable[str]) -> None:
    if len(set(currencies)) > 1:
        raise InvalidInput("all lines are in one currency: there are no rates", field="lines")
