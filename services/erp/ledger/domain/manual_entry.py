"""Manual journal entries and opening balances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import Account, AccountKind, AccountRole, Chart
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


def manual_postings(lines: Sequence[ManualEntryLine], chart: Chart) -> tuple[Posting, ...]:
    """Return the lines as postings. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_manual_posting(line, chart, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    if len(postings) < 2:
        raise InvalidInput("at least two lines are required", field="lines")
    return postings


def opening_postings(lines: Sequence[OpeningBalanceLine], chart: Chart) -> tuple[Posting, ...]:
    """Return the balances as postings against opening balances. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_opening_posting(line, chart, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(each.debit.currency for each in postings)
    balance = Money.sum(each.debit - each.credit for each in postings)
    role = AccountRole.OPENING_BALANCES
    return (*postings, credit(chart.account_for(role).code, balance, role=role))


def _manual_posting(line: ManualEntryLine, chart: Chart, field: str) -> Posting:
    account = _get_allowed(line.account, line.party, chart, field)
    amounts = [*filter(None, (line.debit, line.credit))]
    if len(amounts) != 1:
        raise InvalidInput("exactly one of debit and credit must be non-zero", field=field)
    return (debit if line.debit else credit)(account.code, amounts[0], line.party, chart.role_of(account.code))


def _opening_posting(line: OpeningBalanceLine, chart: Chart, field: str) -> Posting:
    account = _get_allowed(line.account, line.party, chart, field)
    if not line.amount:
        raise InvalidInput("an opening balance must not be zero", field=f"{field}/amount")
    stands_in_debit = account.kind in (AccountKind.ASSET, AccountKind.EXPENSE)
    return (debit if stands_in_debit else credit)(account.code, line.amount, line.party, chart.role_of(account.code))


def _get_allowed(code: str, party: UUID | None, chart: Chart, field: str) -> Account:
    """Return the account if a manual entry may name it and this party. Raises UnknownAccount or InvalidInput."""
    account = chart.get_or_none(code)
    if account is None:
        raise UnknownAccount(f"unknown account {code}", field=f"{field}/account")
    if not account.is_manual:
        detail = f"account {code} takes no manual entries: record opening stock, a receipt or a count in SCM"
        raise InvalidInput(detail, field=f"{field}/account")
    if (account.party is None) != (party is None):
        detail = f"account {code} requires a party" if party is None else f"account {code} takes no party"
        raise InvalidInput(detail, field=f"{field}/party")
    return account


def _require_one_currency(currencies: Iterable[str]) -> None:
    if len(set(currencies)) > 1:
        raise InvalidInput("all lines must be in one currency", field="lines")
