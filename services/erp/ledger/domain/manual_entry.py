"""Manual journal entries and opening balances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias
from uuid import UUID

from services.erp.ledger.domain.account import (
    CHART_OF_ACCOUNTS,
    INVENTORY_ACCOUNTS,
    OPENING_BALANCES,
    PARTY_ACCOUNTS,
    AccountKind,
)
from services.erp.ledger.domain.journal_entry import Posting, UnknownAccount, credit, debit
from shared.domain import InvalidInput
from shared.fields import Id, Lookup, Text, limits
from shared.money import Money

AccountCode: TypeAlias = Annotated[Text, limits(max=20), Lookup("erp.accounts", "code")]


@dataclass(frozen=True, kw_only=True)
class ManualEntryLine:
    """One line of a manual entry: a debit or a credit."""

    account: AccountCode
    party: Id | None = None
    debit: Money | None = None
    credit: Money | None = None


@dataclass(frozen=True, kw_only=True)
class OpeningBalanceLine:
    """Opening balance of an account, or of a party on it; positive on the normal side of the account."""

    account: AccountCode
    party: Id | None = None
    amount: Annotated[Money, limits(negative=True)]


def manual_postings(lines: Sequence[ManualEntryLine]) -> tuple[Posting, ...]:
    """Return the lines as postings. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_manual_posting(line, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    if len(postings) < 2:
        raise InvalidInput("at least two lines are required", field="lines")
    return postings


def opening_postings(lines: Sequence[OpeningBalanceLine]) -> tuple[Posting, ...]:
    """Return the balances as postings against account 3000. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_opening_posting(line, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    balance = Money.sum(each.debit - each.credit for each in postings)
    return (*postings, credit(OPENING_BALANCES, balance))


def _manual_posting(line: ManualEntryLine, field: str) -> Posting:
    _require_allowed(line.account, line.party, field)
    amounts = [*filter(None, (line.debit, line.credit))]
    if len(amounts) != 1:
        raise InvalidInput("exactly one of debit and credit must be non-zero", field=field)
    return (debit if line.debit else credit)(line.account, amounts[0], line.party)


def _opening_posting(line: OpeningBalanceLine, field: str) -> Posting:
    _require_allowed(line.account, line.party, field)
    if not line.amount:
        raise InvalidInput("an opening balance must not be zero", field=f"{field}/amount")
    stands_in_debit = CHART_OF_ACCOUNTS[line.account].kind in (AccountKind.ASSET, AccountKind.EXPENSE)
    return (debit if stands_in_debit else credit)(line.account, line.amount, line.party)


def _require_allowed(account: str, party: UUID | None, field: str) -> None:
    if account not in CHART_OF_ACCOUNTS:
        raise UnknownAccount(f"unknown account {account}", field=f"{field}/account")
    if account in INVENTORY_ACCOUNTS:
        detail = f"account {account} takes no manual entries: record a receipt or a count"
        raise InvalidInput(detail, field=f"{field}/account")
    if (account in PARTY_ACCOUNTS) != (party is not None):
        detail = f"account {account} requires a party" if party is None else f"account {account} takes no party"
        raise InvalidInput(detail, field=f"{field}/party")


def _require_one_currency(currencies: Iterable[str]) -> None:
    if len(set(currencies)) > 1:
        raise InvalidInput("all lines must be in one currency", field="lines")
